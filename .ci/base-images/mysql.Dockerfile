# Stand-in for the official image `mysql`: Debian's MySQL, and an entrypoint that takes the same settings.
# No `apt-get update`: debootstrap left the package lists in the base image.
FROM debian-stand-in
RUN apt-get install --yes --no-install-recommends mysql-server \
 && rm -rf /var/lib/mysql/* \
 && install --directory --owner=mysql --group=mysql /var/run/mysqld
COPY mysql-entrypoint /usr/local/bin/
VOLUME /var/lib/mysql
EXPOSE 3306
ENTRYPOINT ["mysql-entrypoint"]
