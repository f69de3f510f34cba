using United.Wire.Chat;
using United.Wire.Ws;

namespace United.Testing.Wires;

public sealed partial class ProtoDriver
{
    public Task<Outcome<SeenConversation>> CreateDirect(Guid user) =>
        Ask(new Envelope { CreateConversation = new CreateConversation { Type = "direct", UserId = Id(user) } }, Answered);

    public Task<Outcome<SeenConversation>> CreateGroup(string name, params Guid[] members) => Ask(
        new Envelope { CreateConversation = new CreateConversation { Type = "group", Name = name, MemberIds = { members.Select(Id) } } }, Answered);

    public Task<Outcome<SeenConversation>> Rename(Guid group, string name) =>
        Ask(new Envelope { ChangeConversation = new ChangeConversation { ConversationId = Id(group), Name = name } }, Answered);

    public Task<Outcome<SeenConversation>> Find(Guid conversation) => Ask(
        new Envelope { ListConversations = new ListConversations { ConversationId = Id(conversation) } },
        answer => Of(answer.ConversationList.Conversations.Single(), created: false));

    public Task<Outcome<SeenList>> List(string? state = null, string? cursor = null, int? limit = null) => Ask(
        new Envelope { ListConversations = new ListConversations { State = state ?? "", Cursor = cursor ?? "", Limit = (uint)(limit ?? 0) } },
        answer => new SeenList(
            [.. answer.ConversationList.Conversations.Select(shown => Of(shown, created: false))],
            answer.ConversationList.Next.Length > 0 ? answer.ConversationList.Next : null));

    public Task<Outcome<bool>> AddMember(Guid group, Guid user, string? role = null) => ChangeMembers(group, user, MemberAction.Add, role ?? "");

    public Task<Outcome<bool>> ChangeMember(Guid group, Guid user, string role) => ChangeMembers(group, user, MemberAction.SetRole, role);

    public Task<Outcome<bool>> RemoveMember(Guid group, Guid user) => ChangeMembers(group, user, MemberAction.Remove, "");

    public Task<Outcome<bool>> Hide(Guid conversation) =>
        Ask(new Envelope { ChangeSettings = new ChangeSettings { ConversationId = Id(conversation), Hide = true } }, IsOk);

    public Task<Outcome<bool>> Mute(Guid conversation, long? until) =>
        Ask(new Envelope { ChangeSettings = new ChangeSettings { ConversationId = Id(conversation), MutedUntil = (ulong)(until ?? 0) } }, IsOk);

    public Task<Outcome<bool>> Notify(Guid conversation, string level) =>
        Ask(new Envelope { ChangeSettings = new ChangeSettings { ConversationId = Id(conversation), Notifications = level } }, IsOk);

    public Task<Outcome<bool>> AnswerRequest(Guid request, bool accept) => Ask(
        new Envelope { AnswerRequest = new AnswerRequest { Id = Id(request), Answer = accept ? RequestAnswer.Accept : RequestAnswer.Decline } }, IsOk);

    public Task<Outcome<SeenReceipts>> Receipts(Guid conversation, Guid message) => Ask(
        new Envelope { FetchReceipts = new FetchReceipts { ConversationId = Id(conversation), MessageId = Id(message) } },
        answer => new SeenReceipts(answer.ReceiptList.Status, answer.ReceiptList.Items.ToDictionary(
            item => Guid.Parse(item.UserId),
            item => ((long?)(item.HasDeliveredAt ? (long)item.DeliveredAt : null), (long?)(item.HasReadAt ? (long)item.ReadAt : null)))));

    private Task<Outcome<bool>> ChangeMembers(Guid group, Guid user, MemberAction action, string role) => Ask(
        new Envelope { ChangeMembers = new ChangeMembers { ConversationId = Id(group), UserId = Id(user), Action = action, Role = role } }, IsOk);

    private static SeenConversation Answered(Envelope answer) => Of(answer.ConversationAnswer.Conversation, answer.ConversationAnswer.Created);

    private static SeenConversation Of(Conversation shown, bool created) => new(
        Guid.Parse(shown.Id), shown.Kind.ToString().ToLowerInvariant(), shown.Name, (long)shown.Revision, (long)shown.LastSequence, (int)shown.UnreadCount,
        (int)shown.MemberCount,
        new SeenSettings(shown.Settings.Role, shown.Settings.MutedUntil == 0 ? null : (long)shown.Settings.MutedUntil, shown.Settings.Notifications, shown.Settings.Hidden),
        shown.Request is { } request ? new SeenRequest(Guid.Parse(request.Id), Guid.Parse(request.RequesterId), Guid.Parse(request.RecipientId), request.State) : null,
        created)
    {
        Members = [.. shown.Members.Select(Of)],
        LastMessage = shown.LastMessage is { } message ? Of(message) : null,
    };

    private static SeenMember Of(Member member) => new(
        Guid.Parse(member.UserId), member.Role, member.HasLastReadSequence ? (long)member.LastReadSequence : null,
        member.HasLastDeliveredSequence ? (long)member.LastDeliveredSequence : null);
}
