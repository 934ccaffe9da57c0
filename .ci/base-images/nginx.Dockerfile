# Stand-in for nginxinc/nginx-unprivileged (alpine-slim): nginx, BusyBox's wget, and the user 101.
# No `apt-get update`: debootstrap left the package lists in the base image.
FROM debian-stand-in
RUN apt-get install --yes --no-install-recommends nginx-light busybox \
 && ln -s /bin/busybox /usr/local/bin/wget \
 && rm -rf /etc/nginx/conf.d /etc/nginx/sites-* /etc/nginx/modules-enabled \
 && (userdel "$(id --user --name 101 2>/dev/null)" || true) \
 && useradd --uid 101 --user-group --no-create-home nginx
EXPOSE 8080
USER 101
CMD ["nginx", "-g", "daemon off;"]
