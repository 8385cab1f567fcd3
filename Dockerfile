# syntax=docker/dockerfile:1
# Tally as one binary in an image without a shell: docker build -t tally .

FROM denoland/deno:2.9.6 AS build
WORKDIR /build
# Dependencies first: they change less often than the source.
COPY deno.json deno.lock ./
RUN deno ci --prod
COPY src ./src
COPY actors ./actors
COPY grafana/src ./grafana/src
RUN deno task compile && mkdir /data

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /build/dist/tally /usr/local/bin/tally
# For the embedded log and store, where no Kafka and no InfluxDB are named.
COPY --from=build --chown=nonroot:nonroot /data /data
ENV TALLY_HOST=0.0.0.0 TALLY_DATA_DIR=/data NO_COLOR=1
USER nonroot
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["/usr/local/bin/tally", "health", "--live"]
ENTRYPOINT ["/usr/local/bin/tally"]
CMD ["run"]
