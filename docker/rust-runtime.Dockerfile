# The Rust runtime as an image: one static file and a place for the socket. From the root of the repository:
#   docker build --file docker/rust-runtime.Dockerfile --tag mcp-runtime-rust:latest .
# Where no registry can be reached, rust.mjs builds the file on this machine and makes the last stage of it.
ARG RUST_IMAGE=rust:1.95.0-slim-bookworm
FROM ${RUST_IMAGE} AS build
WORKDIR /src
COPY proto/contextforge proto/contextforge
COPY runtimes/rust runtimes/rust
WORKDIR /src/runtimes/rust
# With a target named, only what is built for it is linked statically, not what builds it.
RUN target="$(rustc --print host-tuple)" \
 && RUSTFLAGS="-C target-feature=+crt-static" cargo build --release --locked --target "$target" \
 && mkdir -p /rootfs/run/mcp && chmod 1777 /rootfs/run/mcp \
 && cp "target/$target/release/mcp-runtime" /rootfs/mcp-runtime

FROM scratch
LABEL org.opencontainers.image.title="MCP runtime in Rust" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /rootfs/ /
ENV MCP_RUNTIME_GRPC_UDS=/run/mcp/runtime.sock
# By number, for hosts that insist on a user other than root; every other user works too.
USER 1000:1000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s --retries=3 CMD ["/mcp-runtime", "health"]
ENTRYPOINT ["/mcp-runtime"]
