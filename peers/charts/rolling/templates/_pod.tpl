{{- /* The pods that every tool has here; `image` and `labels` differ. */ -}}
{{- define "pod" }}
metadata:
  labels: {{- toYaml .labels | nindent 4 }}
spec:
  terminationGracePeriodSeconds: 30
  containers:
    - name: app
      image: {{ .image }}
      ports: [{name: http, containerPort: 9898}]
      readinessProbe: {httpGet: {path: /readyz, port: http}, periodSeconds: 1}
      lifecycle: {preStop: {sleep: {seconds: 2}}}
      resources: {requests: {cpu: 100m, memory: 32Mi}}
{{- end }}
