namespace United.Core.Realtime;

/// <summary>What this floor asks of the slices above it. Given at composition; each reads what is committed when it is called.</summary>
public sealed record RealtimeReads
{
    /// <summary>What happened in conversations since a revision, all of them at once. Those that don't exist are left out.</summary>
    public required Func<IReadOnlyDictionary<Guid, long>, CancellationToken, Task<IReadOnlyList<Missed>>> ChangesSince { get; init; }

    /// <summary>Where these conversations stand.</summary>
    public required Func<IReadOnlyList<Guid>, CancellationToken, Task<IReadOnlyList<Head>>> Heads { get; init; }

    /// <summary>Where all conversations stand that are open to every member of the server.</summary>
    public required Func<CancellationToken, Task<IReadOnlyList<OpenHead>>> OpenHeads { get; init; }

    /// <summary>Which conversations, of those that are not open, these users may read.</summary>
    public required Func<IReadOnlyList<Guid>, CancellationToken, Task<IReadOnlyList<Membership>>> Memberships { get; init; }

    /// <summary>Memberships that began at a moment (Unix milliseconds) or later, of whomever, in conversations that are not open.</summary>
    public required Func<long, CancellationToken, Task<IReadOnlyList<Membership>>> JoinedSince { get; init; }

    /// <summary>Who may read a conversation; null where there is none.</summary>
    public required Func<Guid, CancellationToken, Task<Readers?>> ReadersOf { get; init; }

    /// <summary>Whether a user's log-in still holds: user, session.</summary>
    public required Func<Guid, Guid, CancellationToken, Task<bool>> SessionStands { get; init; }

    /// <summary>The users who hold a permission.</summary>
    public required Func<Permissions, CancellationToken, Task<IReadOnlyCollection<Guid>>> HoldersOf { get; init; }
}

/// <param name="Events">By rising revision. They show the present state; changes that later ones replaced are left out.</param>
/// <param name="Head">The revision up to which they are complete.</param>
/// <param name="Complete">False: too many; there is one event alone, of the head's revision, by which clients see that they are behind.</param>
public sealed record Missed(Guid ConversationId, long Head, bool Complete, IReadOnlyList<ConversationEvent> Events);

/// <param name="Revision">Of the conversation's last change.</param>
public readonly record struct Head(Guid ConversationId, long Revision);

/// <param name="Revision">Of the conversation's last change.</param>
/// <param name="OwnRevision">Of the last change of the conversation itself: its creation, opening, name, ... It has been open since then at the latest.</param>
public readonly record struct OpenHead(Guid ConversationId, long Revision, long OwnRevision);

/// <param name="Revision">Of the last change of this membership.</param>
/// <param name="Head">Revision of the conversation's last change.</param>
public readonly record struct Membership(Guid UserId, Guid ConversationId, long Revision, long Head);

/// <param name="Members">Count only if it is not open.</param>
public sealed record Readers(bool Open, IReadOnlySet<Guid> Members);
