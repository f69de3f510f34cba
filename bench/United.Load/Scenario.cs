using System.Globalization;
using United.Load.Scenarios;

namespace United.Load;

internal static class Scenario
{
    public static Task<Report> Run(LoadOptions options, Community community, CancellationToken ct) => options.Scenario switch
    {
        "fanout" => new Fanout(options, community).Run(ct),
        "send" => new Send(options, community).Run(ct),
        "rest" => new RestSend(options, community).Run(ct),
        "idle" => new Idle(options, community).Run(ct),
        _ => new Storm(options, community).Run(ct),
    };
}

/// <summary>Opens sockets, a few dozen at a time, so that the server's accept queue is not what is measured.</summary>
internal static class Sockets
{
    private const int AtOnce = 32;

    public static async Task<LoadSocket[]> Open(LoadOptions options, Community community, Received received, CancellationToken ct)
    {
        var sockets = new LoadSocket[options.Sockets];
        await Parallel.ForAsync(0, sockets.Length, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (i, token) =>
            sockets[i] = await LoadSocket.Open(i, options.Url, community.PlayerOf(i).Token, received, token));
        return sockets;
    }

    public static void Close(IEnumerable<LoadSocket> sockets)
    {
        foreach (var socket in sockets) socket.Dispose();
    }
}

/// <summary>
/// What a message says: where it stands in the run and when it left, in a form that is found again in the bytes of an event
/// without parsing it.
/// </summary>
internal static class Stamp
{
    private const int Digits = 16;

    private static ReadOnlySpan<byte> Mark => "load!"u8;

    public static string Write(int post, long startedAt, int characters) =>
        string.Create(CultureInfo.InvariantCulture, $"load!{post:x16}{startedAt:x16}").PadRight(characters, '.');

    public static bool TryRead(ReadOnlySpan<byte> message, out int post, out long startedAt)
    {
        (post, startedAt) = (0, 0);
        var at = message.IndexOf(Mark);
        if (at < 0 || message.Length < at + Mark.Length + (2 * Digits)) return false;
        var digits = message[(at + Mark.Length)..];
        return int.TryParse(digits[..Digits], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out post)
            && long.TryParse(digits.Slice(Digits, Digits), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out startedAt);
    }
}
