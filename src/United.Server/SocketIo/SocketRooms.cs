namespace United.Server.SocketIo;

/// <summary>
/// Rooms, at which emitters of the operator's own aim. Their names also say what a returning client is told of the time of its absence; but being in
/// them costs a socket more memory than all else that United keeps of its conversations, so where no emitter is heard nobody joins them.
/// </summary>
/// <param name="Kept">Sockets join them: emitters are heard.</param>
internal sealed record SocketRooms(bool Kept)
{
    /// <summary>Everybody who is signed in; where the events of open conversations go.</summary>
    public const string Server = "server";

    public static string OfUser(Guid userId) => $"user:{userId:D}";

    /// <summary>Of one that is not open.</summary>
    public static string OfConversation(Guid conversationId) => $"conversation:{conversationId:D}";
}
