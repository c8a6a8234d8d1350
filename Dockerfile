# syntax=docker/dockerfile:1
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# The image brings Node and a PostgreSQL stands beside it: neither is taken from npm.
RUN npm ci --no-audit --no-fund --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY bin bin
COPY config config
COPY scripts scripts
COPY src src
COPY workers workers
RUN npm run build && npm prune --omit=dev --omit=optional --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production OPPSYNC_HTTP__HOST=0.0.0.0
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/bin bin
COPY LICENSE CHANGELOG.md ./
RUN ln -s /app/bin/oppsync.js /usr/local/bin/oppsync && mkdir /config && chown node:node /config
USER node
WORKDIR /config
EXPOSE 8080
# Only the web role listens; compose.yaml switches this off for the others.
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.OPPSYNC_HTTP_PORT || 8080) + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["oppsync"]
CMD ["serve"]
