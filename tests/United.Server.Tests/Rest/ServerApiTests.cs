using System.Net;
using System.Text.Json;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Server.Tests.Rest;

public sealed class ServerApiTests
{
    [Theory, EachDatabase]
    public async Task Anybody_learns_what_this_server_is(Engine engine)
    {
        await using var server = await TestServer.Start(engine);

        using var answer = JsonDocument.Parse(await server.Client.GetStringAsync("/api/server"));

        Assert.StartsWith("0.", answer.RootElement.GetProperty("version").GetString(), StringComparison.Ordinal);
        var origin = server.Address.GetLeftPart(UriPartial.Authority);
        Assert.Equal([origin + "/api", $"ws://{server.Address.Authority}/ws", origin + "/socket.io/"], answer.RootElement.GetProperty("wires").EnumerateObject().Select(wire => wire.Value.GetString()));
    }

    [Fact]
    public async Task What_does_not_exist_is_a_problem_document()
    {
        await using var server = await TestServer.Start(Engine.Sqlite);

        var answer = await server.Client.GetAsync("/api/nothing");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("""{"type":"urn:united:fault:not_found","title":"There is nothing here, or you do not have access to it.","status":404,"code":"not_found"}""",
            await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_method_that_an_address_does_not_take_is_405()
    {
        await using var server = await TestServer.Start(Engine.Sqlite);

        var answer = await server.Client.PostAsync("/api/server", null);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(["GET"], answer.Content.Headers.Allow);
        Assert.Contains("\"code\":\"method_not_allowed\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
