using Microsoft.Extensions.Logging.Abstractions;
using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

/// <summary>What the log does with the changes of other slices.</summary>
public sealed class AppendTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Founding_change_brings_the_row_its_members_and_one_event(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var founder = await scene.Person();
        var channel = NewChannel("general");

        var founded = await scene.Log.Append(new StartChannel(channel, founder.UserId), Ct);

        Assert.True(founded.Ok);
        Assert.Equal(1, await scene.Count("select revision from conversations where id = @id and own_revision = 1 and name_key = 'general'", ("id", channel.Id)));
        Assert.Equal(1, await scene.Count("select count(*) from conversation_members where conversation_id = @id", ("id", channel.Id)));
        Assert.Equal(1, Assert.IsType<ConversationCreated>(Assert.Single(scene.Bus.Of(channel.Id))).Revision);
    }

    [Theory, EachDatabase]
    public async Task Whose_rights_ended_before_their_turn_came_changes_nothing(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, gone, channel) = (await scene.Person(), await scene.Person(), await scene.OpenChannel());
        var posted = await scene.Post(gone, channel, "before");
        var before = await scene.Trace();
        await using var log = new MessageLog(
            scene.Database, scene.Bus, new RateLimits(LogScene.NoLimits, scene.Time), LogScene.ServerId, scene.Time, new MessageLogOptions(), NullLogger<MessageLog>.Instance)
        {
            Stands = caller => caller != gone,
        };

        Assert.Equal(Fault.Unavailable, (await log.Post(gone, new PostMessage(channel, "after"), Ct)).Refusal?.Fault);
        Assert.Equal(Fault.Unavailable, (await log.Edit(gone, new EditMessage(channel, posted.MessageId, "after"), Ct)).Refusal?.Fault);
        Assert.Equal(Fault.Unavailable, (await log.React(gone, new AddReaction(posted.MessageId, "+"), Ct)).Refusal?.Fault);
        Assert.Equal(Fault.Unavailable, (await log.Delete(gone, new DeleteMessage(channel, posted.MessageId), Ct)).Refusal?.Fault);
        Assert.Equal(before, await scene.Trace());
        Assert.True((await log.Post(ada, new PostMessage(channel, "others go on"), Ct)).Ok);
    }

    [Theory, EachDatabase]
    public async Task Of_many_who_found_the_same_name_at_once_one_does(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var founder = await scene.Person();
        var channels = Enumerable.Range(0, 40).Select(_ => NewChannel("general")).ToArray();

        var results = await Task.WhenAll(channels.Select(channel => scene.Log.Append(new StartChannel(channel, founder.UserId), Ct)));

        Assert.Single(results, result => result.Ok);
        Assert.Equal(39, results.Count(result => result.Refusal?.Fault == Fault.NameTaken));
        Assert.Equal(1, await scene.Count("select count(*) from conversations"));
        Assert.Equal(1, await scene.Count("select count(*) from conversation_members"));
        Assert.Single(scene.Bus.Published);
    }

    // Neither node's check sees the other's row before it is committed: then the unique index decides.
    [Fact]
    public async Task Of_two_nodes_that_found_the_same_names_at_once_each_name_goes_to_one()
    {
        await using var scene = await LogScene.On(Engine.Postgres);
        await using var second = scene.SecondNode();
        var founder = await scene.Person();

        var results = await Task.WhenAll(Enumerable.Range(0, 120).Select(i => Task.Run(() =>
            (i % 2 == 0 ? scene : second).Log.Append(new StartChannel(NewChannel($"name {i / 4}"), founder.UserId), Ct))));

        Assert.Equal(30, results.Count(result => result.Ok));
        Assert.Equal(90, results.Count(result => result.Refusal?.Fault == Fault.NameTaken));
        Assert.Equal(30, await scene.Count("select count(*) from conversation_members"));
    }

    [Theory, EachDatabase]
    public async Task Change_of_an_unknown_or_deleted_conversation_is_not_found(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var known = await scene.OpenChannel();

        Assert.Equal(Fault.NotFound, (await scene.Log.Append(new Rename(Ids.New(scene.Time), "x"), Ct)).Refusal?.Fault);
        Assert.True((await scene.Log.Append(new End(known), Ct)).Ok);
        Assert.Equal(Fault.NotFound, (await scene.Log.Append(new Rename(known, "x"), Ct)).Refusal?.Fault);
        Assert.IsType<ConversationRemoved>(Assert.Single(scene.Bus.Published));
    }

    [Theory, EachDatabase]
    public async Task Failing_change_fails_alone(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var channels = new List<Guid>();
        for (var i = 0; i < 20; i++) channels.Add(await scene.OpenChannel());

        var renames = channels.Select((id, i) => scene.Log.Append<Done>(i == 7 ? new Breaks(id) : new Rename(id, $"name {i}"), Ct)).ToArray();

        await Assert.ThrowsAnyAsync<Exception>(() => renames[7]);
        for (var i = 0; i < 20; i++) if (i != 7) Assert.True((await renames[i]).Ok);
        Assert.Equal(19, await scene.Count("select count(*) from conversations where revision = 1"));
        Assert.Equal(19, scene.Bus.Published.Count);
    }

    [Theory, EachDatabase]
    public async Task Change_that_stamps_without_telling_is_not_committed(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var channel = await scene.OpenChannel();

        await Assert.ThrowsAsync<InvalidOperationException>(() => scene.Log.Append(new Silent(channel), Ct));

        Assert.Equal(0, await scene.Count("select revision from conversations"));
    }

    private static Conversation NewChannel(string name) => new()
    {
        Id = Ids.New(TimeProvider.System),
        Kind = ConversationKind.Channel,
        Name = name,
        Open = true,
        CreatedAt = 0,
        LastSequence = 0,
        Revision = 0,
    };

    private sealed class StartChannel(Conversation channel, Guid founder) : Change<Done>(channel.Id)
    {
        public override Conversation? Starts => channel;

        public override async Task<Result<Done>> Apply(Sql sql, ConversationHead head)
        {
            if (await sql.Exists("select 1 from conversations where name_key = @name and kind = 1 and deleted_at is null", ("name", channel.Name)))
                return Fault.NameTaken;
            head.Start();
            await sql.Execute("insert into conversation_members (conversation_id, user_id, joined_at) values (@id, @user, 0)", ("id", ConversationId), ("user", founder));
            head.Tell(new ConversationCreated(head.Conversation));
            return default(Done);
        }
    }

    private sealed class Rename(Guid id, string name) : Change<Done>(id)
    {
        public override Task<Result<Done>> Apply(Sql sql, ConversationHead head)
        {
            head.Replace(head.Conversation with { Name = name });
            head.Tell(new ConversationUpdated(head.Conversation));
            return Task.FromResult<Result<Done>>(default(Done));
        }
    }

    private sealed class End(Guid id) : Change<Done>(id)
    {
        public override Task<Result<Done>> Apply(Sql sql, ConversationHead head)
        {
            head.Tell(new ConversationRemoved(ConversationId, head.Delete(at: 5), head.Open));
            return Task.FromResult<Result<Done>>(default(Done));
        }
    }

    private sealed class Breaks(Guid id) : Change<Done>(id)
    {
        public override async Task<Result<Done>> Apply(Sql sql, ConversationHead head)
        {
            head.Tell(new ConversationRemoved(ConversationId, head.NextRevision(), head.Open));
            await sql.Execute("insert into conversation_members (conversation_id, user_id, joined_at) values (@id, @id, null)", ("id", ConversationId));
            return default(Done);
        }
    }

    private sealed class Silent(Guid id) : Change<Done>(id)
    {
        public override Task<Result<Done>> Apply(Sql sql, ConversationHead head)
        {
            head.NextRevision();
            return Task.FromResult<Result<Done>>(default(Done));
        }
    }
}
