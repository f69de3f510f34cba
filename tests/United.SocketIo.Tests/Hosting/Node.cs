using System.Diagnostics;
using Xunit;

namespace United.SocketIo.Tests.Hosting;

/// <summary>Programs of the folder <c>node</c>, whose packages are installed on first use.</summary>
internal static class Node
{
    private static readonly SemaphoreSlim Installing = new(1);

    public static string Folder { get; } = FolderOf();

    /// <summary>Runs a program to its end, which has to be a good one.</summary>
    public static async Task Run(params string[] args)
    {
        await Install();
        using var process = Start("node", args);
        var output = await process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"node {string.Join(' ', args)}: {process.ExitCode}\n{output}\n{error}");
    }

    /// <summary>Starts a program that runs until it is disposed of; its first line says that it is ready.</summary>
    public static async Task<RunningNode> Serve(params string[] args)
    {
        await Install();
        var process = Start("node", args);
        var ready = await process.StandardOutput.ReadLineAsync();
        Assert.True(ready is not null, ready is null ? await process.StandardError.ReadToEndAsync() : "");
        return new RunningNode(process, ready!);
    }

    internal static Process Start(string program, string[] args) => Process.Start(new ProcessStartInfo(program, args)
    {
        WorkingDirectory = Folder,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        RedirectStandardInput = true,
    })!;

    internal static async Task Install()
    {
        await Installing.WaitAsync();
        try
        {
            if (Directory.Exists(Path.Combine(Folder, "node_modules"))) return;
            using var npm = Start("npm", ["ci", "--no-audit", "--no-fund"]);
            var error = await npm.StandardError.ReadToEndAsync();
            await npm.WaitForExitAsync();
            Assert.True(npm.ExitCode == 0, "npm ci: " + error);
        }
        finally
        {
            Installing.Release();
        }
    }

    private static string FolderOf()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "United.slnx"))) at = at.Parent!;
        return Path.Combine(at.FullName, "tests", "United.SocketIo.Tests", "node");
    }
}

/// <summary>A Node program that answers lines with lines.</summary>
internal sealed class RunningNode(Process process, string ready) : IAsyncDisposable
{
    public string Ready { get; } = ready;

    public async Task<string> Ask(string line)
    {
        await process.StandardInput.WriteLineAsync(line);
        var answer = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return answer ?? throw new IOException("node has gone: " + await process.StandardError.ReadToEndAsync());
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
