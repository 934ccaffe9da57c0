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
