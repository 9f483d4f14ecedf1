# Image of the reference runtime. Build it with: node docker/build.mjs
# The script creates the context with the bundled runtime, so that this file runs no commands and works with every builder.
ARG NODE_IMAGE=node:22.21.1-bookworm-slim@sha256:25b3eb23a00590b7499f2a2ce939322727fcce1b15fdd69754fcd09536a3ae2c
FROM ${NODE_IMAGE}

LABEL org.opencontainers.image.title="MCP reference runtime" \
      org.opencontainers.image.licenses="Apache-2.0"

COPY rootfs/ /

ENV NODE_ENV=production \
    MCP_RUNTIME_GRPC_UDS=/run/mcp/runtime.sock

# Numeric, for hosts that require a non-root user. Any other user also works.
USER 1000:1000
WORKDIR /app
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s --retries=3 \
  CMD ["node", "/app/dist/runtime/main.js", "health"]
ENTRYPOINT ["node", "/app/dist/runtime/main.js"]
