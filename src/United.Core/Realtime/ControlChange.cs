namespace United.Core.Realtime;

/// <summary>What every node has to take to heart before its author is answered. No cache without one of these to end it.</summary>
public abstract record ControlChange
{
    private ControlChange()
    {
    }

    /// <summary>Log-out, suspension, password change: sessions of a user ended.</summary>
    /// <param name="SessionId">The one that ended; null: all of them.</param>
    /// <param name="Except">The one that stays, where all others ended.</param>
    /// <param name="Reason">Told to the connections that are closed: "logged_out", "suspended", "password_changed", "token_reused", ...</param>
    public sealed record SessionsEnded(Guid UserId, Guid? SessionId, Guid? Except, string Reason) : ControlChange;

    /// <summary>Name, key, role, rights, settings or suspension of a user changed.</summary>
    public sealed record UserChanged(Guid UserId) : ControlChange;

    /// <summary>A community role changed, or was given or taken: the rights of many may have changed.</summary>
    public sealed record RolesChanged : ControlChange;

    public sealed record SettingsChanged : ControlChange;

    /// <summary>Somebody does not want to hear from somebody any more.</summary>
    public sealed record Blocked(Guid UserId, Guid BlockedId) : ControlChange;

    /// <summary>Somebody may no longer read a conversation, as of this revision of it.</summary>
    /// <param name="UserId">The empty id: many lost it at once, because it was closed or deleted.</param>
    public sealed record MembershipRevoked(Guid ConversationId, Guid UserId, long Revision) : ControlChange;
}
