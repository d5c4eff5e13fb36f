{{- /* A Job that asks a Service for its version, twice, for up to 10 s. The application's image has no client but its Python. */ -}}
{{- define "check" }}
apiVersion: batch/v1
kind: Job
metadata:
  name: check
  annotations:
    helm.sh/hook: post-install,post-upgrade
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: check
          image: cutover.local/responder:1.0.0
          command: [{{ .python }}, -I, -S, -c]
          args:
            - |
              import asyncio, json, os, sys, time
              async def ask(host):
                  reader, writer = await asyncio.open_connection(host, 80)
                  writer.write(b"GET /version HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")
                  head = await reader.readuntil(b"\r\n\r\n")
                  size = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
                  return json.loads(await reader.readexactly(int(size)))["version"]
              end, good, said = time.monotonic() + 10, 0, ""
              while good < 2:
                  said = asyncio.run(ask(os.environ[sys.argv[1]]))
                  good = good + 1 if said == sys.argv[2] else 0
                  if time.monotonic() > end:
                      sys.exit(f"{said} answers")
                  time.sleep(0.2)
            - {{ .host }}
            - {{ .version | quote }}
{{- end }}
