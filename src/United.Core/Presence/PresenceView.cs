using United.Core.Identity;

namespace United.Core.Presence;

/// <summary>Who is there, as far as one user may know.</summary>
/// <param name="hidden">Who looks to them as if they never came.</param>
public sealed class PresenceView(PresenceBoard board, IReadOnlySet<Guid> hidden)
{
    /// <summary>Everybody who is on line.</summary>
    public IEnumerable<PresenceChanged> Snapshot() => board.Snapshot().Where(one => !hidden.Contains(one.UserId));

    public PresenceStatus StatusOf(Guid userId) => hidden.Contains(userId) ? PresenceStatus.Offline : board.StatusOf(userId);

    public long? LastSeen(User user) => hidden.Contains(user.Id) ? null : user.LastSeenAt;
}
