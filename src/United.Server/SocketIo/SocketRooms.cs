namespace United.Server.SocketIo;

/// <summary>The names of rooms: what an emitter of the operator's own aims at.</summary>
internal static class SocketRooms
{
    /// <summary>Everybody who is signed in; where the events of open conversations go.</summary>
    public const string Server = "server";

    public static string OfUser(Guid userId) => $"user:{userId:D}";

    /// <summary>Of one that is not open.</summary>
    public static string OfConversation(Guid conversationId) => $"conversation:{conversationId:D}";
}
