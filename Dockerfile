# syntax=docker/dockerfile:1
# For a build that can be repeated bit by bit, name a digest: --build-arg NODE_IMAGE=node:24-slim@sha256:...
ARG NODE_IMAGE=node:24-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev --ignore-scripts
COPY tsconfig.json vite.config.ts ./
COPY scripts ./scripts
COPY public ./public
COPY src ./src
COPY plugins ./plugins
RUN npm run build
# Weights of image plugins in the image: --build-arg MODELS=esrgan-thick-4x,maxim-denoising
ARG MODELS=""
RUN mkdir -p /data && for name in $(echo "$MODELS" | tr ',' ' '); do DATA_DIR=/data npm run models -- install "$name" || exit 1; done

FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The runtime for models brings its binaries for every system, 200 MB of which no container needs.
RUN npm ci --omit=dev --ignore-scripts && rm -rf node_modules/onnxruntime-node/bin/napi-v6/darwin node_modules/onnxruntime-node/bin/napi-v6/win32

FROM ${NODE_IMAGE}
ENV NODE_ENV=production PORT=8000 DATA_DIR=/data
WORKDIR /app
# The only folder that is written to. A named volume mounted here takes over the owner. There is no VOLUME line on
# purpose: Railway refuses images that have one.
RUN mkdir /data && chown node:node /data
COPY --from=build --chown=node:node /data /data
COPY package.json LICENSE THIRD-PARTY-NOTICES.md ./
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
USER node
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# node itself is process 1 and gets the stop signal; a shell or npm in between would keep it.
CMD ["node", "dist/server/main.js"]
