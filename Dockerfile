# One image per target: web-form-intake, email-intake, phone-intake, social-intake, ticketing, reporting, and prepare (topics, roles, migrations).
#   docker build --target ticketing -t phanhoi/ticketing .
# BUILD_BASE needs Node ≥ 20.19 with npm; the programs run on the Node that package-lock.json pins. RUN_BASE needs glibc and nothing else.
ARG BUILD_BASE=docker.io/library/node:24-bookworm-slim
ARG RUN_BASE=docker.io/library/debian:bookworm-slim

FROM ${BUILD_BASE} AS build
WORKDIR /app
ENV CI=true
COPY package.json package-lock.json .swcrc ./
COPY tools/check/install-hooks.js tools/check/
RUN npm ci --no-audit --no-fund
COPY tools tools
COPY libs libs
COPY apps apps
RUN node_modules/.bin/node tools/build.js \
  && cp node_modules/node/bin/node /usr/local/bin/node-pinned \
  && npm prune --omit=dev --ignore-scripts --no-audit --no-fund
# Compiled code is kept by user: made as the one who runs the image (tools/compile.js).
RUN rm -r dist/services/compile-cache && install -d -o 65532 dist/services/compile-cache \
  && setpriv --reuid 65532 --regid 65532 --clear-groups node-pinned tools/compile.js \
  && chmod -R a+rX dist/services/compile-cache

FROM ${RUN_BASE} AS runtime
WORKDIR /app
COPY --from=build /usr/local/bin/node-pinned /usr/local/bin/node
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist/libs dist/libs
COPY --from=build /app/dist/apps dist/apps
COPY --from=build /app/dist/services dist/services
# The heap option is explained in tools/platform/node-options.ts.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 NODE_OPTIONS=--max-semi-space-size=4 NODE_COMPILE_CACHE=/app/dist/services/compile-cache
EXPOSE 3000
# No name in /etc/passwd is needed, and none is root.
USER 65532:65532

FROM runtime AS web-form-intake
ENV NODE_OPTIONS=--max-semi-space-size=8
CMD ["node", "dist/services/web-form-intake.js"]

FROM runtime AS email-intake
CMD ["node", "dist/services/email-intake.js"]

FROM runtime AS social-intake
CMD ["node", "dist/services/social-intake.js"]

FROM runtime AS phone-intake
CMD ["node", "dist/services/phone-intake.js"]

FROM runtime AS ticketing
CMD ["node", "dist/services/ticketing.js"]

FROM runtime AS reporting
CMD ["node", "dist/services/reporting.js"]

FROM runtime AS prepare
COPY --from=build /app/dist/tools/cluster dist/tools/cluster
CMD ["node", "dist/tools/cluster/prepare.js"]
