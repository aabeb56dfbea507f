{{/* What do the four services have in common? Each is called with root, service (its name in values), and what is its own: env, keys, mounts, volumes. */}}

{{- define "polyaxon.podTemplate" -}}
{{- $root := .root }}
{{- $values := index $root.Values .service }}
{{- $app := get (include "polyaxon.services" $root | fromYaml) .service }}
metadata:
  labels:
    {{- include "polyaxon.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ $app }}
    {{- with $root.Values.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  annotations:
    # What was given of secrets: pods are replaced when it changes.
    polyaxon.io/given: {{ toJson (list $root.Values.database.url $root.Values.admin.password) | sha256sum | trunc 16 }}
    {{- with $root.Values.podAnnotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  serviceAccountName: {{ include "polyaxon.name" $root }}-{{ $app }}
  automountServiceAccountToken: {{ eq .service "scheduler" }}
  {{- with $root.Values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  {{- if $root.Values.hostNetwork.enabled }}
  hostNetwork: true
  dnsPolicy: ClusterFirstWithHostNet
  {{- end }}
  terminationGracePeriodSeconds: {{ $root.Values.terminationGracePeriodSeconds }}
  {{- with $root.Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with $root.Values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  affinity:
    {{- if $root.Values.affinity }}
    {{- toYaml $root.Values.affinity | nindent 4 }}
    {{- else }}
    podAntiAffinity:
      preferredDuringSchedulingIgnoredDuringExecution:
        - weight: 100
          podAffinityTerm:
            topologyKey: kubernetes.io/hostname
            labelSelector:
              matchLabels:
                {{- include "polyaxon.selector" $root | nindent 16 }}
                app.kubernetes.io/component: {{ $app }}
    {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: {{ $root.Values.runAsUser }}
    runAsGroup: {{ $root.Values.runAsUser }}
    fsGroup: {{ $root.Values.runAsUser }}
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: { type: RuntimeDefault }
  containers:
    - name: {{ $app }}
      image: {{ include "polyaxon.image" $root }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      env:
        {{- range include "polyaxon.serviceEnv" . | fromYamlArray }}
        {{- if not (hasKey $values.env .name) }}
        - { name: {{ .name }}, value: {{ .value | quote }} }
        {{- end }}
        {{- end }}
        {{- range $name, $value := $values.env }}
        - { name: {{ $name }}, value: {{ $value | toString | quote }} }
        {{- end }}
      ports:
        - { name: http, containerPort: {{ $values.port }} }
      {{- $host := ternary "host: 127.0.0.1, " "" $root.Values.hostNetwork.enabled }}
      # It listens when its database has answered, and says so on /ready when it can work.
      startupProbe: { httpGet: { {{ $host }}path: /live, port: http }, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 90 }
      livenessProbe: { httpGet: { {{ $host }}path: /live, port: http }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }
      readinessProbe: { httpGet: { {{ $host }}path: /ready, port: http }, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 }
      resources: {{- toYaml $values.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }
      volumeMounts:
        - { name: keys, mountPath: /polyaxon/keys, readOnly: true }
        - { name: scratch, mountPath: /tmp, subPath: tmp }
        - { name: scratch, mountPath: /var/lib/polyaxon, subPath: kept-nowhere }
        {{- with $root.Values.s3.certificates }}
        - { name: s3-certificates, mountPath: /polyaxon/s3, readOnly: true }
        {{- end }}
        {{- if and (eq $root.Values.bus "kafka") $root.Values.kafka.certificates }}
        - { name: kafka-certificates, mountPath: /polyaxon/kafka, readOnly: true }
        {{- end }}
        {{- with .mounts }}{{ . | nindent 8 }}{{ end }}
  volumes:
    - name: keys
      projected:
        defaultMode: 0440
        sources:
          {{- include "polyaxon.keySources" . | nindent 10 }}
    - { name: scratch, emptyDir: {} }
    {{- with $root.Values.s3.certificates }}
    - { name: s3-certificates, configMap: { name: {{ . }} } }
    {{- end }}
    {{- if and (eq $root.Values.bus "kafka") $root.Values.kafka.certificates }}
    - { name: kafka-certificates, secret: { secretName: {{ $root.Values.kafka.certificates }}, defaultMode: 0440 } }
    {{- end }}
    {{- with .volumes }}{{ . | nindent 4 }}{{ end }}
{{- end }}

{{/* What a service is told; what its `env` says of the same name goes before it. Twice in the list, a name would keep Helm from an upgrade. */}}
{{- define "polyaxon.serviceEnv" -}}
{{- $root := .root }}
- { name: POLYAXON_APP, value: {{ get (include "polyaxon.services" $root | fromYaml) .service }} }
- { name: POLYAXON_HOST, value: {{ if and $root.Values.hostNetwork.enabled (ne .service "apiGateway") }}127.0.0.1{{ else }}0.0.0.0{{ end }} }
- { name: POLYAXON_PORT, value: {{ (index $root.Values .service).port | quote }} }
- { name: POLYAXON_LOG_LEVEL, value: {{ $root.Values.logLevel }} }
- { name: POLYAXON_DATABASE_URL_FILE, value: /polyaxon/keys/database-url }
- { name: POLYAXON_INTERNAL_TOKEN_FILE, value: /polyaxon/keys/internal-token }
{{ include "polyaxon.busEnv" $root }}
{{ include "polyaxon.s3Env" $root }}
{{ .env }}
{{- end }}

{{/* Each service sees the keys that it needs, and no others. */}}
{{- define "polyaxon.keySources" -}}
{{- $root := .root }}
- secret:
    name: {{ include "polyaxon.secret" $root }}
    items:
      {{- range concat (list "internal-token") .keys }}
      - { key: {{ . }}, path: {{ . }} }
      {{- end }}
{{- if $root.Values.database.url }}
- secret: { name: {{ include "polyaxon.name" $root }}-database, items: [{ key: database-url, path: database-url }] }
{{- else }}
- secret: { name: {{ $root.Values.database.secret }}, items: [{ key: {{ $root.Values.database.key }}, path: database-url }] }
{{- end }}
{{- if and (eq $root.Values.bus "kafka") $root.Values.kafka.secret }}
- secret: { name: {{ $root.Values.kafka.secret }}, items: [{ key: username, path: kafka-username }, { key: password, path: kafka-password }] }
{{- end }}
{{- if include "polyaxon.usesS3" $root }}
- secret: { name: {{ $root.Values.s3.secret }}, items: [{ key: access-key, path: s3-access-key }, { key: secret-key, path: s3-secret-key }] }
{{- end }}
{{- end }}

{{- define "polyaxon.busEnv" -}}
{{- if eq .Values.bus "kafka" }}
{{- with .Values.kafka }}
- { name: POLYAXON_KAFKA_BROKERS, value: {{ join "," .brokers | quote }} }
- { name: POLYAXON_KAFKA_TOPIC_PREFIX, value: {{ .topicPrefix | quote }} }
- { name: POLYAXON_KAFKA_PARTITIONS, value: {{ .partitions | quote }} }
- { name: POLYAXON_KAFKA_REPLICATION_FACTOR, value: {{ .replicationFactor | quote }} }
- { name: POLYAXON_KAFKA_SECURITY_PROTOCOL, value: {{ .securityProtocol }} }
{{- if .secret }}
- { name: POLYAXON_KAFKA_SASL_MECHANISM, value: {{ .saslMechanism }} }
- { name: POLYAXON_KAFKA_SASL_USERNAME_FILE, value: /polyaxon/keys/kafka-username }
- { name: POLYAXON_KAFKA_SASL_PASSWORD_FILE, value: /polyaxon/keys/kafka-password }
{{- end }}
{{- if .certificates }}
- { name: POLYAXON_KAFKA_CA_FILE, value: /polyaxon/kafka/ca.crt }
{{- if .clientCertificate }}
- { name: POLYAXON_KAFKA_CERTIFICATE_FILE, value: /polyaxon/kafka/tls.crt }
- { name: POLYAXON_KAFKA_KEY_FILE, value: /polyaxon/kafka/tls.key }
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "polyaxon.s3Env" -}}
{{- if include "polyaxon.usesS3" . }}
{{- with .Values.s3 }}
- { name: POLYAXON_S3_ENDPOINT, value: {{ .endpoint }} }
- { name: POLYAXON_S3_REGION, value: {{ .region }} }
- { name: POLYAXON_S3_PATH_STYLE, value: {{ .pathStyle | quote }} }
- { name: POLYAXON_S3_ACCESS_KEY_FILE, value: /polyaxon/keys/s3-access-key }
- { name: POLYAXON_S3_SECRET_KEY_FILE, value: /polyaxon/keys/s3-secret-key }
{{- if .certificates }}
- { name: POLYAXON_S3_CA_FILE, value: /polyaxon/s3/ca.crt }
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Where outputs are, as storage-manager and scheduler are told. */}}
{{- define "polyaxon.outputsEnv" -}}
- { name: POLYAXON_OUTPUTS_ROOT, value: /var/lib/polyaxon/outputs }
{{- with .Values.storage.outputs.store }}
- { name: POLYAXON_OUTPUTS_STORE, value: {{ . }} }
{{- end }}
{{- if .Values.storage.stores }}
- { name: POLYAXON_STORES_FILE, value: /polyaxon/stores/stores.yml }
{{- end }}
{{- end }}

{{/* What belongs to a service besides its pods. */}}
{{- define "polyaxon.around" -}}
{{- $root := .root }}
{{- $values := index $root.Values .service }}
{{- $app := get (include "polyaxon.services" $root | fromYaml) .service }}
{{- $gateway := eq .service "apiGateway" }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "polyaxon.name" $root }}-{{ $app }}
  labels: {{- include "polyaxon.labels" $root | nindent 4 }}
automountServiceAccountToken: false
---
apiVersion: v1
kind: Service
metadata:
  name: {{ include "polyaxon.name" $root }}-{{ $app }}
  labels: {{- include "polyaxon.labels" $root | nindent 4 }}
  {{- if and $gateway $values.serviceAnnotations }}
  annotations: {{- toYaml $values.serviceAnnotations | nindent 4 }}
  {{- end }}
spec:
  type: {{ if $gateway }}{{ $values.serviceType }}{{ else }}ClusterIP{{ end }}
  selector:
    {{- include "polyaxon.selector" $root | nindent 4 }}
    app.kubernetes.io/component: {{ $app }}
  ports:
    - name: http
      port: {{ $values.port }}
      targetPort: http
      {{- if and $gateway $values.nodePort (ne $values.serviceType "ClusterIP") }}
      nodePort: {{ $values.nodePort }}
      {{- end }}
{{- if $root.Values.podDisruptionBudgets.enabled }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "polyaxon.name" $root }}-{{ $app }}
  labels: {{- include "polyaxon.labels" $root | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      {{- include "polyaxon.selector" $root | nindent 6 }}
      app.kubernetes.io/component: {{ $app }}
{{- end }}
{{- end }}

{{/* The next one is ready before the former ends, unless both want the same port of a node or a volume that one node can have. */}}
{{- define "polyaxon.strategy" -}}
{{- if or .root.Values.hostNetwork.enabled .alone }}
type: Recreate
{{- else }}
type: RollingUpdate
rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
{{- end }}
{{- end }}
