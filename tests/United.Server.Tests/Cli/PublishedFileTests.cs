using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using United.Core.Storage;
using United.Server.Tests.House;
using United.Testing;
using Xunit;

namespace United.Server.Tests.Cli;

/// <summary>The shipping form: trimmed, self-contained, one file. What trimming breaks shows here and nowhere else.</summary>
public sealed class PublishedFileTests : IDisposable
{
    private static readonly Lazy<Task<string>> Published = new(Publish);

    private readonly string _directory = Directory.CreateTempSubdirectory("united-published-").FullName;

    [Theory, EachDatabase]
    public async Task One_file_alone_serves_the_page_and_chat(Engine engine)
    {
        await using var database = await TestDatabase.Create(engine, migrate: false);
        string[] place = engine == Engine.Postgres ? ["--database", database.Connection] : [];
        var alone = Path.Combine(_directory, "united");
        File.Copy(await Published.Value, alone);

        await using var program = UnitedProcess.Start(_directory, ["--urls", "http://127.0.0.1:0", .. place], alone, ("DOTNET_BUNDLE_EXTRACT_BASE_DIR", Path.Combine(_directory, "extracted")));
        using var client = new HttpClient { BaseAddress = await program.Ready() };

        Assert.Equal("""{"status":"ready","database":"ok","backplane":"none"}""", await client.GetStringAsync("/health/ready", TestContext.Current.CancellationToken));
        if (File.Exists(Repository.PathOf("web/dist/index.html")))
            Assert.Equal(await File.ReadAllTextAsync(Repository.PathOf("web/dist/index.html"), TestContext.Current.CancellationToken), await client.GetStringAsync("/", TestContext.Current.CancellationToken));
        var channel = await Register(client);
        Assert.Equal(HttpStatusCode.Created, (await client.PostAsJsonAsync($"/api/channels/{channel}/messages", new { content = "from one file" }, TestContext.Current.CancellationToken)).StatusCode);
        Assert.Contains("from one file", await client.GetStringAsync($"/api/channels/{channel}/messages", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("\"paths\"", await client.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("http_server_request_duration_seconds", await client.GetStringAsync("/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(0, await program.Stop());
        Assert.Equal("", program.Errors);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static async Task<string> Publish()
    {
        // The analyzers have seen these sources when the tests were built; what trimming has to say is said by the linker.
        var start = new ProcessStartInfo("dotnet", ["publish", "src/United.Server", "-c", "Release", "-r", "linux-x64", "-v", "quiet", "--nologo", "-nodeReuse:false", "-p:RunAnalyzers=false"])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var publish = Process.Start(start)!;
        var output = publish.StandardOutput.ReadToEndAsync();
        var errors = publish.StandardError.ReadToEndAsync();
        await publish.WaitForExitAsync();
        Assert.True(publish.ExitCode == 0, await output + await errors);
        return Repository.PathOf("artifacts/publish/United.Server/release_linux-x64/united");
    }

    private static async Task<Guid> Register(HttpClient client)
    {
        var answer = await client.PostAsJsonAsync("/api/auth/register", new { username = "ann", display_name = "Ann", password = "correct horse battery" });
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", json.RootElement.GetProperty("access_token").GetString());
        using var channels = JsonDocument.Parse(await client.GetStringAsync("/api/channels"));
        return channels.RootElement.GetProperty("items")[0].GetProperty("id").GetGuid();
    }
}
