# Two stages: everything is built by the same script that ./run uses, and the image holds the program and its libraries.
FROM debian:12 AS build
WORKDIR /source
COPY . .
RUN bash -c '. scripts/setup.sh && build_release' && strip build/release/message-service

FROM debian:12-slim
RUN apt-get update && apt-get install -y --no-install-recommends \
    libboost-json1.81.0 libboost-url1.81.0 librocksdb7.8 libxxhash0 librdkafka1 libmongoc-1.0-0 libspdlog1.10 \
    libprometheus-cpp-core1.0 libssl3 zlib1g libjemalloc2 ca-certificates \
  # Boost's licences are 2 MB in each of its packages.
  && gzip -9 /usr/share/doc/libboost-*/copyright \
  && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/lib/dpkg/*-old \
  && useradd --system --home-dir /var/lib/message-service --create-home message-service
COPY --from=build /source/build/release/message-service /usr/local/bin/message-service
COPY --from=build /source/conf /etc/message-service
USER message-service
WORKDIR /var/lib/message-service
VOLUME /var/lib/message-service
EXPOSE 5005
# In the environment, so that the health check asks where the service listens.
ENV Urls=http://0.0.0.0:5005
# SIGTERM drains: give it longer than Shutdown:DelayMs and Shutdown:TimeoutMs together.
STOPSIGNAL SIGTERM
ENTRYPOINT ["message-service"]
# Does not start without sign-in: see docs/sign-in.md for the variables, or allow everybody by Auth__AllowAnonymous=true.
CMD ["serve"]
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s CMD ["message-service", "health"]
