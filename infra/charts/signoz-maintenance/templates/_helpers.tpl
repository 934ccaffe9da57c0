{{- define "container-security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 65534
capabilities: { drop: [ALL] }
seccompProfile: { type: RuntimeDefault }
{{- end -}}
{{- define "small" -}}
requests: { cpu: 10m, memory: 32Mi }
limits: { memory: 128Mi }
{{- end -}}
{{- define "root-user" -}}
- { name: SIGNOZ_URL, value: {{ required "url" .Values.url | quote }} }
- { name: ORGANISATION, value: {{ required "organisation" .Values.organisation | quote }} }
{{- range $name, $key := dict "EMAIL" "email" "PASSWORD" "password" }}
- name: {{ $name }}
  valueFrom: { secretKeyRef: { name: {{ required "rootSecret" $.Values.rootSecret }}, key: {{ $key }} } }
{{- end }}
{{- end -}}
