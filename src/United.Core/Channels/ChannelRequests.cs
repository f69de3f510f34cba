namespace United.Core.Channels;

/// <param name="Position">Null: after all others.</param>
/// <param name="Private">Only its members may know of it. Whoever makes it is one.</param>
/// <param name="MemberIds">Of a private channel, besides who makes it.</param>
public sealed record CreateChannel(
    string Name, string Topic = "", string Category = "", int? Position = null, bool Private = false, bool ReadOnly = false,
    IReadOnlyList<Guid>? MemberIds = null);

/// <summary>What is null stays as it is.</summary>
/// <param name="Private">
/// True closes an open channel: whoever closes it is a member, and those who were while it was private before. False opens it to
/// every member of the server.
/// </param>
public sealed record ChangeChannel(
    Guid ChannelId, string? Name = null, string? Topic = null, string? Category = null, int? Position = null, bool? Private = null, bool? ReadOnly = null);
