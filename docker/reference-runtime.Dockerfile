# The reference runtime as an image. Its context is made by build.mjs (one command: node docker/build.mjs): the runtime in
# a few files with all that it needs, so that nothing has to run here and every builder will do.
ARG NODE_IMAGE=node:22.21.1-bookworm-slim
FROM ${NODE_IMAGE}

LABEL org.opencontainers.image.title="MCP reference runtime" \
      org.opencontainers.image.licenses="Apache-2.0"

COPY rootfs/ /

ENV NODE_ENV=production \
    MCP_RUNTIME_GRPC_UDS=/run/mcp/runtime.sock

# By number, for hosts that insist on a user other than root; every other user works too.
USER 1000:1000
WORKDIR /app
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s --retries=3 \
  CMD ["node", "/app/dist/runtime/main.js", "health"]
ENTRYPOINT ["node", "/app/dist/runtime/main.js"]
