{{- /*
Replaces the template of the same name in SigNoz's chart, which writes ClickHouse's password as plain text into every
pod's environment. Helm uses a parent's template instead of a dependency's. It runs with the dependency's values.
*/ -}}
{{- define "snippet.clickhouse-credentials" }}
- name: CLICKHOUSE_HOST
  value: {{ include "clickhouse.servicename" . }}
- name: CLICKHOUSE_PORT
  value: {{ include "clickhouse.tcpPort" . | quote }}
- name: CLICKHOUSE_HTTP_PORT
  value: {{ include "clickhouse.httpPort" . | quote }}
- name: CLICKHOUSE_CLUSTER
  value: {{ .Values.clickhouse.cluster | quote }}
- name: CLICKHOUSE_USER
  value: signoz
- name: CLICKHOUSE_PASSWORD
  valueFrom:
    secretKeyRef: { name: {{ .Values.global.secret }}, key: clickhouse-password }
- name: CLICKHOUSE_SECURE
  value: {{ .Values.clickhouse.secure | quote }}
{{- end }}
