using United.Core.Conversations;
using United.Core.Messages;
using United.Core.Realtime;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Conversations;

/// <summary>The slice over a log, and short words for what tests do with it.</summary>
internal static class Talks
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static ConversationDirectory Over(LogScene scene) => new(scene.Database, scene.Log, new Control(scene.Bus), scene.Bus, scene.Limits, scene.Time);

    public static MessageRequests RequestsOver(LogScene scene) => new(scene.Database, scene.Log, scene.Time);

    public static async Task<Guid> Group(this ConversationDirectory talks, Caller admin, params Caller[] others) =>
        (await talks.CreateGroup(admin, new CreateGroup("Group", [.. others.Select(other => other.UserId)]), Ct)).Value.View.Conversation.Id;

    public static async Task<Guid> Direct(this ConversationDirectory talks, Caller one, Caller other) =>
        (await talks.CreateDirect(one, other.UserId, Ct)).Value.View.Conversation.Id;

    public static Task Access(this LogScene scene, Caller person, int access) => scene.Database.Write(sql => sql.Execute(
        "update users set messaging_access = @access where id = @id", ("access", access), ("id", person.UserId)));

    public static Task Block(this LogScene scene, Caller by, Caller blocked) => scene.Database.Write(sql => sql.Execute(
        "insert into blocks (user_id, blocked_id, created_at) values (@by, @blocked, 0)", ("by", by.UserId), ("blocked", blocked.UserId)));

    public static async Task<Guid[]> Ids(this ConversationDirectory talks, Caller caller, ListState state = ListState.Inbox) =>
        [.. (await talks.List(caller, new ListConversations(state), Ct)).Select(view => view.Conversation.Id)];

    /// <summary>Roles of those who are in, by the order in which they are given.</summary>
    public static async Task<MemberRole?[]> Roles(this ConversationDirectory talks, Guid group, Caller reader, params Caller[] people)
    {
        var members = (await talks.Members(reader, group, null, 1000, Ct)).Value.ToDictionary(shown => shown.Member.UserId, shown => shown.Member.Role);
        return [.. people.Select(person => members.TryGetValue(person.UserId, out var role) ? role : (MemberRole?)null)];
    }

    /// <summary>What the server said in the conversation.</summary>
    public static string[] Said(this LogScene scene, Guid conversationId) =>
        [.. scene.Bus.Of(conversationId).OfType<MessagePosted>().Where(told => told.Message.Type == MessageType.System).Select(told => told.Message.Content)];

    /// <summary>Every revision was told once, in its order.</summary>
    public static async Task AssertDense(this LogScene scene, Guid conversationId)
    {
        var head = await scene.Count("select revision from conversations where id = @id", ("id", conversationId));
        Assert.Equal(Enumerable.Range(1, (int)head).Select(n => (long)n), scene.Bus.Of(conversationId).Select(told => told.Revision));
    }
}
