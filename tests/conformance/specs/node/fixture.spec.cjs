// A few specs in the manner of the functional tests: that run_specs.sh finds, runs and counts what it is given.

const { HubConnectionBuilder, LogLevel } = require("../../../clients/node_modules/signalr-10");

const url = process.env.SERVER_URL.split(";")[1];

describe("the fixture", () => {
  let connection;

  beforeEach(async () => {
    connection = new HubConnectionBuilder().withUrl(`${url}/TestHub`).configureLogging(LogLevel.None).build();
    await connection.start();
  });

  afterEach(() => connection.stop());

  it("answers", async () => {
    expect(await connection.invoke("echo", "specified")).toEqual("specified");
  });

  it("fails as it should", async () => {
    await expectAsync(connection.invoke("ThrowException", "text")).toBeRejectedWithError(
      "An unexpected error occurred invoking 'ThrowException' on the server. InvalidOperationException: text");
  });

  xit("leaves out what is not to be run", () => fail("it was run"));
});
