using United.Core.Identity;
using United.Core.Messages;

namespace United.Core.Conversations;

/// <param name="After">The last of the page before.</param>
public sealed record ListConversations(ListState State = ListState.Inbox, ListPlace? After = null, int Limit = 50);

/// <param name="MemberIds">Besides who makes it.</param>
/// <param name="AvatarMediaId">An image that the caller has uploaded.</param>
public sealed record CreateGroup(string Name, IReadOnlyList<Guid> MemberIds, Guid? AvatarMediaId = null);

/// <summary>What is null stays as it is.</summary>
public sealed record ChangeGroup(Guid ConversationId, string? Name = null, ChangeAvatar? Avatar = null);
