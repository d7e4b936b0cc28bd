// The OTLP receiver of the OpenTelemetry Collector, on a free port of this machine. Prints its address, then one line of
// OTLP's JSON for each request that it takes. Ends with its standard input.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/receiver/receivertest"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// The receiver does not say which port it got.
func freeAddress() string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	defer listener.Close()
	return listener.Addr().String()
}

func main() {
	ctx := context.Background()
	address := freeAddress()
	printer, err := consumer.NewTraces(func(_ context.Context, traces ptrace.Traces) error {
		text, err := (&ptrace.JSONMarshaler{}).MarshalTraces(traces)
		if err == nil {
			fmt.Println(string(text))
		}
		return err
	})
	check(err)

	factory := otlpreceiver.NewFactory()
	config := factory.CreateDefaultConfig()
	http := map[string]any{"protocols": map[string]any{"http": map[string]any{"endpoint": address}}}
	check(confmap.NewFromStringMap(http).Unmarshal(config))
	receiver, err := factory.CreateTraces(ctx, receivertest.NewNopSettings(factory.Type()), config, printer)
	check(err)
	check(receiver.Start(ctx, componenttest.NewNopHost()))
	fmt.Println(address)
	_, _ = io.Copy(io.Discard, os.Stdin)
	check(receiver.Shutdown(ctx))
}
