using System.CommandLine;
using United.Core.Storage;
using United.Server.Hosting;
using United.Server.Hosting.Settings;

namespace United.Server.Cli;

/// <summary><c>united serve</c>: runs until it is told to stop.</summary>
internal static class ServeCommand
{
    public static Command Create(SettingOptions options)
    {
        var command = new Command("serve", "Runs the server (what happens without a command)");
        command.SetAction((parsed, ct) => Run(parsed, options, ct));
        return command;
    }

    public static Task<int> Run(ParseResult parsed, SettingOptions options, CancellationToken ct) =>
        Cli.Run.Alone(parsed, options, (settings, database, alone) => Serve(settings, database, alone, ct), ct);

    private static async Task<int> Serve(UnitedOptions settings, Database database, ProcessLock alone, CancellationToken ct)
    {
        await using var app = UnitedApp.Build(settings, database, TimeProvider.System);
        await app.StartAsync(ct);
        Welcome(app);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, alone.Lost);
        await app.WaitForShutdownAsync(stop.Token);
        if (!alone.Lost.IsCancellationRequested) return Cli.Run.Done;
        Console.Error.WriteLine("Another process took the database over while it was away. Stopped.");
        return Cli.Run.Failed;
    }

    private static void Welcome(WebApplication app)
    {
        foreach (var url in app.Urls) Console.WriteLine($"United is ready: {url}");
    }
}
