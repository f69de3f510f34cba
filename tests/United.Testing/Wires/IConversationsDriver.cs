namespace United.Testing.Wires;

/// <summary>One person on a wire that also makes and changes groups and direct conversations.</summary>
public interface IConversationsDriver : IWireDriver
{
    Task<Outcome<SeenConversation>> CreateDirect(Guid user);

    Task<Outcome<SeenConversation>> CreateGroup(string name, params Guid[] members);

    Task<Outcome<SeenConversation>> Rename(Guid group, string name);

    Task<Outcome<SeenConversation>> Find(Guid conversation);

    Task<Outcome<SeenList>> List(string? state = null, string? cursor = null, int? limit = null);

    Task<Outcome<bool>> AddMember(Guid group, Guid user, string? role = null);

    Task<Outcome<bool>> ChangeMember(Guid group, Guid user, string role);

    Task<Outcome<bool>> RemoveMember(Guid group, Guid user);

    Task<Outcome<bool>> Hide(Guid conversation);

    Task<Outcome<bool>> Mute(Guid conversation, long? until);

    Task<Outcome<bool>> Notify(Guid conversation, string level);

    Task<Outcome<bool>> AnswerRequest(Guid request, bool accept);

    Task<Outcome<SeenReceipts>> Receipts(Guid conversation, Guid message);
}

public sealed record SeenList(SeenConversation[] Conversations, string? Next);

/// <summary>A conversation as somebody sees it, the same whatever the wire.</summary>
/// <param name="Created">Made just now.</param>
public sealed record SeenConversation(
    Guid Id, string Kind, string Name, long Revision, long LastSequence, int Unread, int MemberCount, SeenSettings Settings, SeenRequest? Request, bool Created)
{
    public SeenMember[] Members { get; init; } = [];

    public SeenMessage? LastMessage { get; init; }
}

/// <param name="Read">Null where it is not told.</param>
public sealed record SeenMember(Guid User, string Role, long? Read, long? Delivered);

public sealed record SeenSettings(string Role, long? MutedUntil, string Notifications, bool Hidden);

public sealed record SeenRequest(Guid Id, Guid Requester, Guid Recipient, string State);

/// <param name="Items">By user: when it was delivered and read.</param>
public sealed record SeenReceipts(string Status, IReadOnlyDictionary<Guid, (long? Delivered, long? Read)> Items);
