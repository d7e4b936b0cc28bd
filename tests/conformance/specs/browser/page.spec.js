// What only a browser can show of the fixture: pages of another origin, their cookies, and web workers. `signalR` is
// the global of Microsoft's browser build, which lies before this file.

const url = window.__karma__.config.args[1].split(";")[1];

describe("a page of another origin", () => {
  for (const transport of ["WebSockets", "ServerSentEvents", "LongPolling"]) {
    it(`calls over ${transport}, with the cookies of the negotiation`, async () => {
      expect(location.origin).not.toEqual(url);
      const connection = new signalR.HubConnectionBuilder()
        .withUrl(`${url}/testhub`, { transport: signalR.HttpTransportType[transport] })
        .configureLogging(signalR.LogLevel.None)
        .build();
      await connection.start();
      expect(await connection.invoke("GetActiveTransportName")).toEqual(transport);
      expect(await connection.invoke("GetCookie", "testCookie")).toEqual("testValue");
      expect(await connection.invoke("GetCookie", "expiredCookie")).toBeNull();
      await connection.stop();
    });
  }

  it("has a worker with the client that the fixture serves", async () => {
    const work = async ({ data }) => {
      importScripts(`${data}/worker/signalr.js`);
      const connection = new signalR.HubConnectionBuilder().withUrl(`${data}/testhub`).configureLogging(signalR.LogLevel.None).build();
      await connection.start();
      postMessage(await connection.invoke("Echo", "from a worker"));
    };
    const worker = new Worker(URL.createObjectURL(new Blob([`onmessage = ${work}`])));
    const answer = new Promise((done, fail) => {
      worker.onmessage = ({ data }) => done(data);
      worker.onerror = ({ message }) => fail(new Error(message));
    });
    worker.postMessage(url);
    expect(await answer).toEqual("from a worker");
    worker.terminate();
  });

  xit("leaves out what is not to be run", () => fail("it was run"));
});
