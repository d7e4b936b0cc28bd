// What a program on Microsoft's .NET client calls, by the types that declare it. The hub was tried with that program, and this
// repository builds without .NET: so C# on a page is compared with this list. Read from the program's references to members.

export const client = { package: "Microsoft.AspNetCore.SignalR.Client", version: "11.0.0", runtime: ".NET 10" };

export const calls = {
  // the client
  HubConnectionBuilder: ["WithUrl", "WithAutomaticReconnect", "WithStatefulReconnect", "AddMessagePackProtocol", "Build"],
  HttpConnectionOptions: ["AccessTokenProvider", "SkipNegotiation", "Transports"],
  HubConnection: ["On", "StartAsync", "InvokeAsync", "SendAsync", "StreamAsync", "StopAsync", "DisposeAsync", "State", "ConnectionId"],
  MessagePackObject: [],
  Key: [],
  // the runtime
  HttpClient: ["SendAsync", "PostAsync", "PostAsJsonAsync", "GetStringAsync"],
  HttpRequestMessage: ["Headers", "Content"],
  HttpResponseMessage: ["StatusCode", "IsSuccessStatusCode", "Content"],
  HttpHeaders: ["Add"],
  HttpMethod: ["Post", "Get"],
  JsonContent: ["Create"],
  TaskCompletionSource: ["TrySetResult", "Task"],
  Task: ["FromResult", "Delay", "Run", "WhenAll", "WhenAny"],
  Guid: ["NewGuid", "ToString"],
  Console: ["WriteLine"],
};
