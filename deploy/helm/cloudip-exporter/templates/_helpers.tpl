{{- define "cloudip.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "cloudip.fullname" -}}
{{- $name := include "cloudip.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "cloudip.selector" -}}
app.kubernetes.io/name: {{ include "cloudip.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "cloudip.metadata" -}}
name: {{ include "cloudip.fullname" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "cloudip.labels" . | nindent 2 }}
{{- end -}}

{{- define "cloudip.labels" -}}
{{ include "cloudip.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "cloudip.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (ternary (include "cloudip.fullname" .) "default" .Values.serviceAccount.create) -}}
{{- end -}}

{{- define "cloudip.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "cloudip.statefulset" -}}
{{- if or .Values.storage.enabled (gt (int .Values.shards) 1) }}true{{ end -}}
{{- end -}}
