using United.SocketIo.EngineIo;

namespace United.SocketIo;

/// <summary>A socket at the door of its namespace: see <see cref="Namespace.AdmitBy"/>.</summary>
public sealed class Admission
{
    private readonly RestoredSession? _restored;

    internal Admission(Socket socket, RestoredSession? restored) => (Socket, _restored) = (socket, restored);

    public Socket Socket { get; }

    /// <summary>
    /// The client wants to go on where its connection broke, and all that it may have missed was at hand when it came: the offset of the last event that it
    /// has seen. Null: it begins anew.
    /// </summary>
    public long? Seen => _restored?.Seen;

    /// <summary>
    /// In one step the client is told that it is connected, is in these rooms, and misses nothing from then on. One that comes back is told
    /// first what it missed of these rooms; if that is no longer all kept by now, or is more than may wait for a client, it begins anew.
    /// </summary>
    /// <param name="resume">False: it begins anew, with new ids, even where it might have gone on.</param>
    /// <param name="greeting">The first event, not kept for recovery: a client that heard it can be recovered.</param>
    /// <param name="join">False: the rooms only say what it may be told of its absence. To be in rooms costs memory, and is worth it where somebody emits to them.</param>
    /// <param name="since">Of rooms that it is in only since some <see cref="Namespace.Offset"/>: that offset. What was kept for them up to there it is not told.</param>
    /// <returns>False: the client has gone.</returns>
    public bool Enter(string[] rooms, bool resume = true, PreparedEvent? greeting = null, bool join = true, IReadOnlyDictionary<string, long>? since = null)
    {
        if (!resume && _restored is not null) Socket.BeginAnew();
        var entrance = new Entrance(resume ? _restored : null, rooms, join, greeting?.Delivery.Message, since);
        return Socket.Namespace.Admit(Socket, entrance);
    }
}

/// <summary>How a socket comes in: see <see cref="Admission.Enter"/>.</summary>
/// <param name="Restored">Null: it begins anew.</param>
internal sealed record Entrance(RestoredSession? Restored, string[] Rooms, bool Join, EngineMessage? Greeting, IReadOnlyDictionary<string, long>? Since);

/// <summary>An event that is encoded, for any number of sockets of one namespace.</summary>
public sealed class PreparedEvent
{
    internal PreparedEvent(Delivery delivery) => Delivery = delivery;

    internal Delivery Delivery { get; }
}
