# Image of the Go runtime: one program and a folder for the socket. From the root of the repository:
#   docker build --file docker/go-runtime.Dockerfile --tag mcp-runtime-go:latest runtimes/go
# Without access to a registry, go.mjs builds the program on this machine and uses only the last stage.
ARG GO_IMAGE=golang:1.26.8-bookworm@sha256:a688600ca24f8a4d3ca77f95b0dd40704a9fc787c826660eb7ba0b641b8b175d
FROM ${GO_IMAGE} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=0.1.0
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /rootfs/mcp-runtime ./cmd/mcp-runtime \
 && cp THIRD_PARTY_NOTICES sbom.cdx.json /rootfs/ \
 && mkdir -p /rootfs/run/mcp && chmod 1777 /rootfs/run/mcp

FROM scratch
LABEL org.opencontainers.image.title="MCP runtime in Go" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /rootfs/ /
ENV MCP_RUNTIME_GRPC_UDS=/run/mcp/runtime.sock
# Numeric, for hosts that require a non-root user. Any other user also works.
USER 1000:1000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s --retries=3 CMD ["/mcp-runtime", "health"]
ENTRYPOINT ["/mcp-runtime"]
