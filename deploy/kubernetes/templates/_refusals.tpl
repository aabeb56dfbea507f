{{/* Which values are right each for itself, and don't go together? All that is wrong is said at once, by name. */}}

{{- define "polyaxon.check" -}}
{{- $wrong := list }}
{{- with .Values }}
{{- if and (not .database.secret) (not .database.url) }}
{{- $wrong = append $wrong "database.secret: name a Secret that holds the address of a Postgres under database-url (kubectl create secret generic polyaxon-database --from-literal database-url=postgres://...)" }}
{{- end }}
{{- if and .database.secret .database.url }}{{ $wrong = append $wrong "database.url and database.secret are both set: leave one of them out" }}{{ end }}
{{- if and (eq .bus "kafka") (not .kafka.brokers) }}{{ $wrong = append $wrong "kafka.brokers: name brokers as host:port, or set bus to postgres" }}{{ end }}
{{- if and (hasPrefix "SASL" .kafka.securityProtocol) (not .kafka.secret) }}{{ $wrong = append $wrong (printf "kafka.secret: kafka.securityProtocol is %s, so name a Secret with username and password" .kafka.securityProtocol) }}{{ end }}
{{- if and .kafka.clientCertificate (not .kafka.certificates) }}{{ $wrong = append $wrong "kafka.certificates: kafka.clientCertificate is true, so name a Secret with ca.crt, tls.crt and tls.key" }}{{ end }}
{{- if and (not .storage.outputs.store) (not .storage.outputs.claim) }}{{ $wrong = append $wrong "storage.outputs.store: say where outputs are kept, s3://bucket/prefix, or name a PersistentVolumeClaim in storage.outputs.claim" }}{{ end }}
{{- if and .storage.outputs.store .storage.outputs.claim }}{{ $wrong = append $wrong "storage.outputs.store and storage.outputs.claim are both set: leave one of them out" }}{{ end }}
{{- if and (include "polyaxon.usesS3" $) (not .s3.secret) }}{{ $wrong = append $wrong "s3.secret: a store is named, so name a Secret with access-key and secret-key" }}{{ end }}
{{- if and .secrets.existing .admin.password }}{{ $wrong = append $wrong "admin.password: secrets.existing names a Secret, so put it there, under admin-password" }}{{ end }}
{{- if and (gt (int .apiGateway.replicas) 1) (include "polyaxon.codeOnClaim" $) (eq .storage.code.accessMode "ReadWriteOnce") }}
{{- $wrong = append $wrong (printf "apiGateway.replicas: %d gateways can't share a ReadWriteOnce claim; set storage.code.store, or storage.code.accessMode to ReadWriteMany" (int .apiGateway.replicas)) }}
{{- end }}
{{- if and (gt (int .logCollector.replicas) 1) (eq .storage.logs.accessMode "ReadWriteOnce") }}
{{- $wrong = append $wrong (printf "logCollector.replicas: %d log-collectors can't share a ReadWriteOnce claim; set storage.logs.accessMode to ReadWriteMany" (int .logCollector.replicas)) }}
{{- end }}
{{- if .hostNetwork.enabled }}
{{- if not (or .hostNetwork.address .runs.gatewayUrl) }}{{ $wrong = append $wrong "hostNetwork.address: say at which IP address runs reach the gateway" }}{{ end }}
{{- range $service, $name := include "polyaxon.services" $ | fromYaml }}
{{- if gt (int (index $.Values $service).replicas) 1 }}{{ $wrong = append $wrong (printf "%s.replicas: with hostNetwork there is one of each service, as they are on one node" $service) }}{{ end }}
{{- end }}
{{- $ports := list (int .apiGateway.port) (int .scheduler.port) (int .storageManager.port) (int .logCollector.port) }}
{{- if ne (len (uniq $ports)) 4 }}{{ $wrong = append $wrong "hostNetwork.enabled: services share one network, so give each a port of its own" }}{{ end }}
{{- end }}
{{- if and .storage.outputs.claim .storage.outputs.runsClaim (eq (include "polyaxon.runsNamespace" $) $.Release.Namespace) (ne .storage.outputs.claim .storage.outputs.runsClaim) }}
{{- $wrong = append $wrong "storage.outputs.runsClaim: runs are in the namespace of the release, so theirs is storage.outputs.claim: leave it out" }}
{{- end }}
{{- if and .builds.registry (has (include "polyaxon.buildsNamespace" $) (list $.Release.Namespace (include "polyaxon.runsNamespace" $))) }}
{{- $wrong = append $wrong "builds.namespace: whoever writes a Dockerfile runs programs there, with more rights than runs have: give builds a namespace that is neither that of the release nor that of runs" }}
{{- end }}
{{- if and (not .builds.registry) (or .builds.namespace .builds.loginSecret .builds.image) }}
{{- $wrong = append $wrong "builds.registry: say where images are pushed that are built, as registry.example.org/team/runs, or leave out the rest of builds" }}
{{- end }}
{{- if and .ingress.enabled (not .ingress.host) }}{{ $wrong = append $wrong "ingress.host: say by which name users reach the gateway" }}{{ end }}
{{- range $index, $rule := .runs.access.rules }}
{{- if has "*" (concat (default list $rule.verbs) (default list $rule.resources) (default list $rule.apiGroups)) }}{{ $wrong = append $wrong (printf "runs.access.rules[%d]: name what is allowed; * is refused" $index) }}{{ end }}
{{- end }}
{{- end }}
{{- if $wrong }}{{ fail (printf "\n- %s\n" (join "\n- " $wrong)) }}{{ end }}
{{- end }}
