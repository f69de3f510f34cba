using System.CommandLine;
using System.Net.Sockets;
using United.Core.Identity;
using United.Core.Storage;
using United.Server.Hosting;
using United.Server.Hosting.Settings;

namespace United.Server.Cli;

/// <summary><c>united serve</c>: runs until it is told to stop.</summary>
internal static class ServeCommand
{
    public static Command Create(SettingOptions options)
    {
        var command = new Command("serve", "Runs the server (the default)");
        command.SetAction((parsed, ct) => Run(parsed, options, ct));
        return command;
    }

    public static Task<int> Run(ParseResult parsed, SettingOptions options, CancellationToken ct) =>
        Cli.Run.Alone(parsed, options, (settings, database, alone) => Serve(settings, database, alone, ct), ct);

    private static async Task<int> Serve(UnitedOptions settings, Database database, ProcessLock alone, CancellationToken ct)
    {
        await using var app = await Start(settings, database, ct);
        await Welcome(app, settings.Server, ct);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, alone.Lost);
        await app.WaitForStop(stop.Token);
        if (!alone.Lost.IsCancellationRequested) return Cli.Run.Done;
        Console.Error.WriteLine("The database was out of reach for a while, and another process has taken it over. Stopped.");
        return Cli.Run.Failed;
    }

    private static async Task<UnitedApp> Start(UnitedOptions settings, Database database, CancellationToken ct)
    {
        try
        {
            return await UnitedApp.Start(settings, database, TimeProvider.System, ct: ct);
        }
        catch (SocketException e)
        {
            throw new RefusedException($"Can't listen at {string.Join(';', settings.Server.Urls)}: {e.Message}.");
        }
    }

    private static async Task Welcome(UnitedApp app, ServerOptions options, CancellationToken ct)
    {
        var address = options.PublicUrl.Length > 0 ? options.PublicUrl : Reachable(app.Urls.First());
        if (await ServerIdentity.SetupToken(app.Core.Database, ct) is { } token)
        {
            var link = SetupLink.For(new Uri(address), token);
            app.Core.Identity.SetupLink.Write(link);
            Console.WriteLine($"United is ready. Open this link to make the owner's account:\n\n  {link}\n");
        }
        else
        {
            Console.WriteLine($"United is ready: {address}");
        }
    }

    // What stands for "every address" can't be typed into a browser.
    private static string Reachable(string url) => url
        .Replace("//0.0.0.0", "//localhost", StringComparison.Ordinal).Replace("//[::]", "//localhost", StringComparison.Ordinal)
        .Replace("//127.0.0.1", "//localhost", StringComparison.Ordinal);
}
