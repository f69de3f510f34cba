namespace United.Server.SocketIo;

/// <summary>
/// Rooms: what an emitter of the operator's own aims at. Their names also say who is told what of the time of an absence; but to be in them costs
/// a socket more than all else that United keeps of its conversations, so nobody is where no emitter is heard.
/// </summary>
/// <param name="Kept">Emitters are heard.</param>
internal sealed record SocketRooms(bool Kept)
{
    /// <summary>Everybody who is signed in; where the events of open conversations go.</summary>
    public const string Server = "server";

    public static string OfUser(Guid userId) => $"user:{userId:D}";

    /// <summary>Of one that is not open.</summary>
    public static string OfConversation(Guid conversationId) => $"conversation:{conversationId:D}";
}
