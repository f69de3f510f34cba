using System.Text.Json;

namespace United.SocketIo;

/// <summary>A socket of this or of another node, as it was when it was asked for. What is done to it goes to whichever node has it.</summary>
public sealed class RemoteSocket
{
    private readonly Namespace _ns;

    internal RemoteSocket(Namespace ns, string id, JsonElement handshake, IReadOnlyList<string> rooms, JsonElement data) =>
        (_ns, Id, Handshake, Rooms, Data) = (ns, id, handshake, rooms, data);

    public string Id { get; }

    /// <summary><c>{headers, time, address, xdomain, secure, issued, url, query, auth}</c></summary>
    public JsonElement Handshake { get; }

    public IReadOnlyList<string> Rooms { get; }

    public JsonElement Data { get; }

    private BroadcastOperator Self => _ns.To(Id);

    public void Emit(string name, params ReadOnlySpan<object?> args) => Self.Emit(name, args);

    /// <exception cref="AckTimeoutException">There was no answer in time.</exception>
    /// <exception cref="SocketDisconnectedException">The client has gone.</exception>
    public async Task<Argument> EmitWithAck(string name, TimeSpan timeout, params object?[] args)
    {
        var answers = await Self.Timeout(timeout).EmitWithAck(name, args);
        return answers.Count > 0 ? answers[0] : throw new SocketDisconnectedException();
    }

    public void Join(params ReadOnlySpan<string> rooms) => Self.SocketsJoin(rooms);

    public void Leave(params ReadOnlySpan<string> rooms) => Self.SocketsLeave(rooms);

    public void Disconnect(bool close = false) => Self.DisconnectSockets(close);
}
