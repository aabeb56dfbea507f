{{/* How is everything called, and where do parts find each other? */}}

{{- define "polyaxon.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" (.Release.Name | trunc 31 | trimSuffix "-") .Chart.Name }}{{ end -}}
{{- end }}

{{/* What is read of all services: their names in values, and as the platform knows them. */}}
{{- define "polyaxon.services" -}}
apiGateway: api-gateway
scheduler: scheduler
storageManager: storage-manager
logCollector: log-collector
{{- end }}

{{- define "polyaxon.labels" -}}
app.kubernetes.io/name: polyaxon
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "polyaxon.selector" -}}
app.kubernetes.io/name: polyaxon
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "polyaxon.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "polyaxon.secret" -}}
{{ .Values.secrets.existing | default (include "polyaxon.name" .) }}
{{- end }}

{{- define "polyaxon.claim" -}}
{{- $given := (index .root.Values.storage .of).claim }}{{ $given | default (printf "%s-%s" (include "polyaxon.name" .root) .of) }}
{{- end }}

{{- define "polyaxon.runsNamespace" -}}
{{ .Values.runs.namespace | default (printf "%s-runs" .Release.Namespace) }}
{{- end }}

{{/* Of a service, for the others. */}}
{{- define "polyaxon.url" -}}
{{- if .root.Values.hostNetwork.enabled }}http://127.0.0.1:{{ (index .root.Values .service).port }}
{{- else }}http://{{ include "polyaxon.name" .root }}-{{ get (include "polyaxon.services" .root | fromYaml) .service }}.{{ .root.Release.Namespace }}.svc:{{ (index .root.Values .service).port }}{{ end -}}
{{- end }}

{{/* Of the gateway, for runs. */}}
{{- define "polyaxon.gatewayUrl" -}}
{{- if .Values.runs.gatewayUrl }}{{ .Values.runs.gatewayUrl }}
{{- else if .Values.hostNetwork.enabled }}http://{{ .Values.hostNetwork.address }}:{{ .Values.apiGateway.port }}
{{- else }}{{ include "polyaxon.url" (dict "root" . "service" "apiGateway") }}{{ end -}}
{{- end }}

{{/* What lets pods elsewhere out to the gateway, as `egress` of a NetworkPolicy has it. */}}
{{- define "polyaxon.toGateway" -}}
{{- if .Values.hostNetwork.enabled -}}
- ports: [{ port: {{ .Values.apiGateway.port }} }]
  {{- with .Values.hostNetwork.address }}
  to: [{ ipBlock: { cidr: {{ . }}/32 } }]
  {{- end }}
{{- else -}}
- to:
    - namespaceSelector:
        matchLabels: { kubernetes.io/metadata.name: {{ .Release.Namespace }} }
      podSelector:
        matchLabels:
          {{- include "polyaxon.selector" . | nindent 10 }}
          app.kubernetes.io/component: api-gateway
  ports: [{ port: {{ .Values.apiGateway.port }} }]
{{- end }}
{{- end }}

{{- define "polyaxon.buildsNamespace" -}}
{{ .Values.builds.namespace | default (printf "%s-builds" .Release.Namespace) }}
{{- end }}

{{/* Kaniko is root in its container, and no more; BuildKit's system calls aren't filtered. */}}
{{- define "polyaxon.buildsPodSecurity" -}}
{{ ternary "baseline" "privileged" (eq .Values.builds.builder "kaniko") }}
{{- end }}

{{- define "polyaxon.usesS3" -}}
{{- with .Values.storage }}{{ if or .outputs.store .logs.store .code.store }}true{{ end }}{{ end -}}
{{- end }}

{{/* The gateway keeps code on a claim. */}}
{{- define "polyaxon.codeOnClaim" -}}
{{- if or .Values.storage.code.claim (not .Values.storage.code.store) }}true{{ end -}}
{{- end }}

{{/* What one container of a run may have at most, by resource. */}}
{{- define "polyaxon.most" -}}
{{- with .Values.runs.limits }}
{{- if .cpu }}{{ printf "cpu: %q" (toString .cpu) }}{{ end }}
{{ if .memory }}{{ printf "memory: %q" (toString .memory) }}{{ end }}
{{ if .gpu }}{{ printf "%s: %q" .gpuResource (toString .gpu) }}{{ end }}
{{- end -}}
{{- end }}
