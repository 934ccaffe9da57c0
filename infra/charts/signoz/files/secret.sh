#!/bin/sh
# Creates the secret with generated passwords, unless it exists.
set -eu

random() {
  LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c 40
}

clickhouse=$(random)
hash=$(printf %s "$clickhouse" | sha256sum | cut -d ' ' -f 1)
# SigNoz requires an upper-case and a lower-case letter, a digit and a symbol.
status=$(
  curl --silent --show-error --output /dev/null --write-out '%{http_code}' --cacert "$ACCOUNT/ca.crt" \
    --header "Authorization: Bearer $(cat "$ACCOUNT/token")" --header 'Content-Type: application/json' \
    --data @- "$API/api/v1/namespaces/$NAMESPACE/secrets" <<END
{
  "apiVersion": "v1",
  "kind": "Secret",
  "metadata": { "name": "$SECRET" },
  "stringData": {
    "email": "$EMAIL",
    "password": "Aa1-$(random)",
    "token-secret": "$(random)",
    "clickhouse-password": "$clickhouse",
    "clickhouse.xml": "<clickhouse><signoz_password>$hash</signoz_password></clickhouse>"
  }
}
END
)
case $status in
  201) echo "Created $SECRET." ;;
  409) echo "$SECRET exists already." ;;
  *) echo "The Kubernetes API answered $status." >&2 && exit 1 ;;
esac
