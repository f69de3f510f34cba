using System.Text.Json.Serialization;
using United.Core.Messages;

namespace United.Server.Rest;

internal sealed record MemberJson
{
    public required Guid UserId { get; init; }
    public required string DisplayName { get; init; }

    /// <summary><c>member</c> or <c>admin</c>.</summary>
    public required string Role { get; init; }

    /// <summary><c>member</c>, <c>left</c> or <c>removed</c>.</summary>
    public required string State { get; init; }

    public required long JoinedAt { get; init; }
    public required long Revision { get; init; }

    /// <summary>In lists, where you may know it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? LastReadSequence { get; init; }

    /// <summary>In lists, where you may know it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? LastDeliveredSequence { get; init; }

    public static MemberJson Of(Member member) => new()
    {
        UserId = member.UserId,
        DisplayName = member.DisplayName,
        Role = Words.Of(member.Role),
        State = Words.Of(member.State),
        JoinedAt = member.JoinedAt,
        Revision = member.Revision,
    };

    public static MemberJson Of(ShownMember shown) => Of(shown.Member) with
    {
        LastReadSequence = shown.LastRead,
        LastDeliveredSequence = shown.LastDelivered,
    };
}
