namespace United.Core.Realtime;

/// <summary>
/// Why the server ends a connection: a closed catalogue, whose codes are WebSocket close codes and never change their meaning.
/// A client that reads 1001 or 4408 comes back and catches up by sync; after 4401 it has to sign in first.
/// </summary>
public sealed record CloseReason
{
    /// <summary>The connection could not take its events as fast as they came.</summary>
    public static readonly CloseReason TooSlow = new(4408, "too_slow", dropsQueue: true);

    /// <summary>It missed an event that can no longer be told in its turn.</summary>
    public static readonly CloseReason OutOfStep = new(4408, "resync", dropsQueue: true);

    /// <summary>The server stops; another one, or this one in a moment, goes on.</summary>
    public static readonly CloseReason GoingAway = new(1001, "going_away");

    /// <summary>The client has said good-bye, or its connection is gone.</summary>
    public static readonly CloseReason Gone = new(1000, "gone", dropsQueue: true);

    /// <summary>No sign of life within the time that a ping allows.</summary>
    public static readonly CloseReason Silent = new(4408, "silent", dropsQueue: true);

    public static readonly CloseReason NotSignedIn = new(4401, "unauthorized");
    public static readonly CloseReason Malformed = new(1007, "malformed");
    public static readonly CloseReason RateLimited = new(1008, "rate_limited");
    public static readonly CloseReason Internal = new(1011, "internal");

    private CloseReason(int code, string text, bool dropsQueue = false) => (Code, Text, DropsQueue) = (code, text, dropsQueue);

    public int Code { get; }

    /// <summary>For programs: letters and underscores.</summary>
    public string Text { get; }

    /// <summary>What still waits is dropped; else it is written first.</summary>
    public bool DropsQueue { get; }

    /// <summary>The session ended: nothing that waits is told to it any more.</summary>
    /// <param name="why">"logged_out", "suspended", ...: see <see cref="ControlChange.SessionsEnded"/>.</param>
    public static CloseReason SessionEnded(string why) => new(4401, why, dropsQueue: true);
}
