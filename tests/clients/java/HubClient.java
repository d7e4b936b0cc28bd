// Microsoft's Java client, at the command of a test: what is said is in ../README.md.
//
// Arguments: URL TRANSPORT PROTOCOL; signed in by $ACCESS_TOKEN where it is set. Replies and messages are taken as classes
// of their own, as an application would.

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.microsoft.signalr.HttpHubConnectionBuilder;
import com.microsoft.signalr.HubConnection;
import com.microsoft.signalr.HubConnectionBuilder;
import com.microsoft.signalr.TransportEnum;
import io.reactivex.rxjava3.core.Single;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

public final class HubClient {
  private static final long WAIT_S = 30;
  private static final Map<String, TransportEnum> TRANSPORTS =
      Map.of("WebSockets", TransportEnum.WEBSOCKETS, "LongPolling", TransportEnum.LONG_POLLING);

  static final class Joined {
    String conversationId;
    long lastSequence;
    String historyId;
  }

  static final class Accepted {
    String id, conversationId, senderId, senderType, content, status, sentAt, correlationId;
  }

  static final class Message {
    String id, temporaryMessageId, conversationId;
    long sequence;
    String senderId, senderType, content, status, sentAt, persistedAt, correlationId;
  }

  private final Gson gson = new GsonBuilder().disableHtmlEscaping().serializeNulls().create();
  private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
  private final CompletableFuture<JsonElement> closed = new CompletableFuture<>();
  private final HubConnection hub;

  private HubClient(String url, String transport) {
    HttpHubConnectionBuilder builder = HubConnectionBuilder.create(url).withTransport(TRANSPORTS.get(transport));
    String token = System.getenv("ACCESS_TOKEN");
    hub = (token == null ? builder : builder.withAccessTokenProvider(Single.just(token))).build();
    hub.on("ReceiveMessage", message -> say("received", gson.toJsonTree(message)), Message.class);
    hub.onClosed(error -> closed.complete(gson.toJsonTree(error == null ? null : error.getMessage())));
  }

  private synchronized void say(String what, JsonElement value) {
    JsonObject line = new JsonObject();
    line.add(what, value);
    out.println(gson.toJson(line));
  }

  private JsonElement invoke(String method, Object[] arguments) {
    return switch (method) {
      case "JoinConversation" -> result(Joined.class, method, arguments);
      case "SendMessage" -> result(Accepted.class, method, arguments);
      default -> {
        hub.invoke(method, arguments).timeout(WAIT_S, TimeUnit.SECONDS).blockingAwait();
        yield JsonNull.INSTANCE;
      }
    };
  }

  private <T> JsonElement result(Class<T> type, String method, Object[] arguments) {
    return gson.toJsonTree(hub.invoke(type, method, arguments).timeout(WAIT_S, TimeUnit.SECONDS).blockingGet());
  }

  private void call(JsonObject command) {
    JsonArray arguments = command.getAsJsonArray("arguments");
    Object[] values = new Object[arguments.size()];
    for (int i = 0; i < values.length; i++) values[i] = arguments.get(i);
    try {
      say("result", invoke(command.get("call").getAsString(), values));
    } catch (RuntimeException error) {
      say("error", gson.toJsonTree(error.getMessage()));
    }
  }

  private void run() throws Exception {
    try {
      hub.start().timeout(WAIT_S, TimeUnit.SECONDS).blockingAwait();
    } catch (RuntimeException error) {
      say("error", gson.toJsonTree(error.getMessage()));
      return;
    }
    say("started", gson.toJsonTree(true));
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      call(JsonParser.parseString(line).getAsJsonObject());
    }
    hub.stop().timeout(WAIT_S, TimeUnit.SECONDS).blockingAwait();
    say("stopped", closed.get(WAIT_S, TimeUnit.SECONDS));
  }

  public static void main(String[] arguments) throws Exception {
    if (!arguments[2].equals("json")) throw new IllegalArgumentException("a protocol that is not here: " + arguments[2]);
    new HubClient(arguments[0], arguments[1]).run();
    System.exit(0); // its HTTP client keeps threads for a while
  }
}
