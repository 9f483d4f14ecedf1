# Image of the Rust runtime: one static program and a folder for the socket. From the root of the repository:
#   docker build --file docker/rust-runtime.Dockerfile --tag mcp-runtime-rust:latest .
# Without access to a registry, rust.mjs builds the program on this machine and uses only the last stage.
ARG RUST_IMAGE=rust:1.95.0-slim-bookworm@sha256:d7482085ff5b415f84dba5647ae71606650bdef00db7aeb69f4b3d170c3e4082
FROM ${RUST_IMAGE} AS build
WORKDIR /src
COPY proto/contextforge proto/contextforge
COPY runtimes/rust runtimes/rust
WORKDIR /src/runtimes/rust
# With an explicit target, cargo links only the program statically, and not the build scripts.
RUN target="$(rustc --print host-tuple)" \
 && RUSTFLAGS="-C target-feature=+crt-static" cargo build --release --locked --target "$target" \
 && mkdir -p /rootfs/run/mcp && chmod 1777 /rootfs/run/mcp \
 && cp "target/$target/release/mcp-runtime" /rootfs/mcp-runtime \
 && cp THIRD_PARTY_NOTICES sbom.cdx.json /rootfs/

FROM scratch
LABEL org.opencontainers.image.title="MCP runtime in Rust" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /rootfs/ /
ENV MCP_RUNTIME_GRPC_UDS=/run/mcp/runtime.sock
# Numeric, for hosts that require a non-root user. Any other user also works.
USER 1000:1000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s --retries=3 CMD ["/mcp-runtime", "health"]
ENTRYPOINT ["/mcp-runtime"]
