using System.CommandLine;
using System.Net;

namespace United.Load;

/// <summary>What to load, how hard, and for how long.</summary>
internal sealed record LoadOptions
{
    public required string Scenario { get; init; }
    public required Uri Url { get; init; }
    public required int Sockets { get; init; }
    public required int InFlight { get; init; }
    public required int Rate { get; init; }
    public required int Channels { get; init; }
    public required int SocketsPerUser { get; init; }
    public required int Seconds { get; init; }
    public required int Characters { get; init; }
    public required int? Pid { get; init; }
    public required string? Token { get; init; }
    public required string? SetupToken { get; init; }

    public int Users => Math.Max(2, (Sockets + SocketsPerUser - 1) / SocketsPerUser);

    public TimeSpan Duration => TimeSpan.FromSeconds(Seconds);

    public static RootCommand Command(Func<LoadOptions, CancellationToken, Task> run)
    {
        var scenario = new Argument<string>("scenario") { Description = "fanout, send, rest, idle or storm", DefaultValueFactory = _ => "fanout" };
        scenario.AcceptOnlyFromAmong("fanout", "send", "rest", "idle", "storm");
        var url = new Option<string>("--url") { Description = "The server, on a loopback address", DefaultValueFactory = _ => "http://127.0.0.1:8080" };
        url.Validators.Add(result =>
        {
            if (!IsLoopback(result.GetValueOrDefault<string>())) result.AddError("--url: only loopback addresses are loaded.");
        });
        var sockets = Number("--sockets", "Sockets to open (send, rest: callers)", 500);
        var inFlight = Number("--in-flight", "Posts under way at once (fanout without --rate, send, rest)", 4);
        var rate = Number("--rate", "Posts per second, sent on time whatever comes back; 0: as --in-flight allows", 0, least: 0);
        var channels = Number("--channels", "1: one public channel. More: private channels of two members each", 1);
        var perUser = Number("--sockets-per-user", "Sockets that share an account", 20);
        var seconds = Number("--seconds", "Length of the measured part", 10);
        var characters = Number("--characters", "Length of a message", 100, least: 40);
        var pid = new Option<int?>("--pid") { Description = "The server's process: its CPU share and memory are reported" };
        var token = new Option<string?>("--token") { Description = "Access token of somebody who may invite and create channels" };
        var setup = new Option<string?>("--setup-token") { Description = "For a fresh server: makes the owner's account" };
        var command = new RootCommand("Loads a United server on this machine and tells what came of it.") { scenario, url, sockets, inFlight, rate, channels, perUser, seconds, characters, pid, token, setup };
        command.SetAction((parsed, ct) => run(new LoadOptions
        {
            Scenario = parsed.GetRequiredValue(scenario),
            Url = new Uri(parsed.GetRequiredValue(url)),
            Sockets = parsed.GetValue(sockets),
            InFlight = parsed.GetValue(inFlight),
            Rate = parsed.GetValue(rate),
            Channels = parsed.GetValue(channels),
            SocketsPerUser = parsed.GetValue(perUser),
            Seconds = parsed.GetValue(seconds),
            Characters = parsed.GetValue(characters),
            Pid = parsed.GetValue(pid),
            Token = parsed.GetValue(token),
            SetupToken = parsed.GetValue(setup),
        }, ct));
        return command;
    }

    private static Option<int> Number(string name, string description, int value, int least = 1)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < least) result.AddError($"{name}: at least {least}.");
        });
        return option;
    }

    private static bool IsLoopback(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == "http"
        && (url.Host == "localhost" || (IPAddress.TryParse(url.Host, out var address) && IPAddress.IsLoopback(address)));
}
