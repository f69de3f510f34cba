using System.Text.Json;
using United.Core;
using United.Core.Storage;
using United.Testing;
using United.Testing.Wires;
using Xunit;

namespace United.Server.Tests.Wires;

/// <summary>What somebody asked for without the right to it is in the audit, by whichever door, and shown to those who run the server alone.</summary>
public sealed class RefusedAccessWireTests
{
    [Theory, EachWire]
    public async Task A_refused_access_is_in_the_audit_with_who_what_and_where(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (closed, quiet) = (await scene.PrivateChannel(), await scene.OpenChannel(readOnly: true));
        var secret = (await (await scene.Drive(WireKind.Proto, scene.Owner)).Post(closed, "secret words")).Must();
        var eve = await scene.Join("eve");
        var driver = await scene.Drive(wire, eve);

        await driver.History(closed);
        await driver.React(secret.Id, "👍");
        await driver.Post(quiet, "canary words");
        await driver.Post(quiet, "");
        (await driver.History(quiet)).Must();
        await scene.Core.Refused.Write();

        var audit = await Audit(scene, scene.Owner);
        Assert.Equal(
            new HashSet<(Guid, Guid, string)> { (eve.Id, closed, "not_found"), (eve.Id, secret.Id, "not_found"), (eve.Id, quiet, "read_only") },
            audit.Select(row => (row.GetProperty("actor_id").GetGuid(), row.GetProperty("target_id").GetGuid(), Words(row)[^3])).ToHashSet());
        Assert.All(audit, row => Assert.Contains(Words(row)[^1], (string[])["127.0.0.1", "::1", "::ffff:127.0.0.1"]));
        Assert.DoesNotContain(audit, row => row.ToString().Contains("words", StringComparison.Ordinal) || row.ToString().Contains(eve.AccessToken, StringComparison.Ordinal));
    }

    [Theory, EachDatabase]
    public async Task The_audit_is_read_page_by_page_by_those_who_manage_the_server(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var eve = await scene.Join("eve");
        using (var http = Http(scene, eve))
        {
            foreach (var path in (string[])["/api/moderation/audit", "/api/moderation/flagged", $"/api/conversations/{Ids.New(TimeProvider.System)}", "/api/users/me/key-backup"])
            {
                using var answer = await http.GetAsync(path, TestContext.Current.CancellationToken);
                Assert.False(answer.IsSuccessStatusCode);
            }
        }
        await scene.Core.Refused.Write();

        var pages = new List<string>();
        using (var http = Http(scene, scene.Owner))
        {
            for (var cursor = ""; cursor is not null;)
            {
                var page = await Json(http, $"/api/moderation/audit?limit=1&action=access.refused{cursor}");
                pages.AddRange(page.GetProperty("items").EnumerateArray().Select(row => row.GetProperty("detail").GetString()![..^" from 127.0.0.1".Length].Trim()));
                cursor = page.TryGetProperty("next", out var next) ? $"&cursor={next.GetString()}" : null;
            }
            Assert.Contains("account.registered", (await Json(http, "/api/moderation/audit")).ToString(), StringComparison.Ordinal);
        }
        Assert.Equal(
            ["GET /api/conversations/{id} not_found", "GET /api/moderation/audit forbidden", "GET /api/moderation/flagged forbidden"], pages.Order(StringComparer.Ordinal));
    }

    private static async Task<JsonElement[]> Audit(WireScene scene, TestUser reader)
    {
        using var http = Http(scene, reader);
        return [.. (await Json(http, "/api/moderation/audit?action=access.refused")).GetProperty("items").EnumerateArray()];
    }

    private static string[] Words(JsonElement row) => row.GetProperty("detail").GetString()!.Split(' ');

    private static async Task<JsonElement> Json(HttpClient http, string path) =>
        JsonDocument.Parse(await http.GetStringAsync(path, TestContext.Current.CancellationToken)).RootElement;

    private static HttpClient Http(WireScene scene, TestUser user) => new()
    {
        BaseAddress = scene.Address,
        DefaultRequestHeaders = { Authorization = new("Bearer", user.AccessToken) },
    };
}
