using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;

namespace United.SocketIo.Tests.SocketIo;

/// <summary>The real client in a real browser, on a page of another origin.</summary>
public sealed class ChromiumTests
{
    [Theory]
    [InlineData("polling")]
    [InlineData("websocket")]
    [InlineData("polling,websocket")]
    public async Task The_client_in_Chromium_cannot_tell_the_difference(string transports)
    {
        await Node.Install();
        await using var host = await ScenarioServer.Start(o => o.Cors = new() { Origins = { "*" } });
        var result = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pages = await ServePages(result);
        var profile = Directory.CreateTempSubdirectory("chromium");
        var page = $"{pages.Urls.Single()}/browser.html?url={host.Url}&transports={transports}&cases=events,binary,bigBinary,acks,namespaces,multiplexed,rooms,disconnects";
        using var chromium = Start("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", $"--user-data-dir={profile.FullName}", page);
        try
        {
            Assert.Equal("ok", await result.Task.WaitAsync(TimeSpan.FromSeconds(60)));
        }
        finally
        {
            chromium.Kill(entireProcessTree: true);
            await chromium.WaitForExitAsync();
            await Eventually.Holds(() => TryDelete(profile));
        }
    }

    private static Process Start(params string[] args)
    {
        var process = Process.Start(new ProcessStartInfo(Program(), args) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        // What it has to say about buses and displays is of no interest, but has to be read.
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return process;
    }

    private static string Program()
    {
        var folders = Environment.GetEnvironmentVariable("PATH")!.Split(':');
        var found = ((string[])["chromium", "chromium-browser", "google-chrome"]).FirstOrDefault(name => folders.Any(folder => File.Exists(Path.Combine(folder, name))));
        return found ?? throw new InvalidOperationException("neither chromium nor chromium-browser nor google-chrome is on the PATH");
    }

    private static async Task<WebApplication> ServePages(TaskCompletionSource<string> result)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.UseStaticFiles(new StaticFileOptions { FileProvider = new PhysicalFileProvider(Node.Folder), ServeUnknownFileTypes = true, OnPrepareResponse = Script });
        app.MapPost("/result", async (HttpRequest request) => result.TrySetResult(await new StreamReader(request.Body).ReadToEndAsync()));
        await app.StartAsync();
        return app;
    }

    private static void Script(Microsoft.AspNetCore.StaticFiles.StaticFileResponseContext context)
    {
        if (context.File.Name.EndsWith("js", StringComparison.Ordinal)) context.Context.Response.ContentType = "text/javascript";
    }

    /// <summary>The browser's last processes may still write while the first has ended.</summary>
    private static bool TryDelete(DirectoryInfo directory)
    {
        try
        {
            directory.Delete(recursive: true);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
