using United.Core.Conversations;
using United.Core.Identity;
using United.Core.Messages;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Conversations;

public sealed class GroupTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Group_is_made_with_its_members_and_says_so(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, bob, eve) = (await scene.Person(), await scene.Person(), await scene.Person());

        var (made, created) = (await talks.CreateGroup(ada, new CreateGroup(" Tea ", [bob.UserId, eve.UserId, bob.UserId, ada.UserId]), Ct)).Value;

        var group = made.Conversation.Id;
        Assert.True(created);
        Assert.Equal((ConversationKind.Group, "Tea", ada.UserId, false, 3, MemberRole.Admin),
            (made.Conversation.Kind, made.Conversation.Name, made.Conversation.CreatorId, made.Conversation.Open, made.MemberCount, made.Settings.Role));
        Assert.Equal([MemberRole.Admin, MemberRole.Member, MemberRole.Member], await talks.Roles(group, bob, ada, bob, eve));
        Assert.Equal(["created the group “Tea”"], scene.Said(group));
        Assert.Equal((0, MessageType.System), ((await talks.Find(bob, group, Ct)).Value.UnreadCount, made.LastMessage?.Type));
        Assert.Equal([group], await talks.Ids(eve));
        await scene.AssertDense(group);
        Assert.All(scene.Bus.Of(group).OfType<MemberChanged>(), told => Assert.Equal(("Tea", told.Revision), (told.Conversation.Name, told.Conversation.Revision)));
    }

    [Theory, EachDatabase]
    public async Task What_a_group_can_not_be_made_of_is_refused_and_leaves_nothing(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, bob, blocks, nobody) = (await scene.Person(), await scene.Person(), await scene.Person(), await scene.Person());
        await scene.Block(blocks, ada);
        await scene.Access(nobody, 2);
        var many = Enumerable.Range(0, GroupRules.MostMembersAtOnce + 1).Select(_ => Ids.New(scene.Time)).ToArray();

        foreach (var (request, refusal) in ((CreateGroup, string)[])
        [
            (new CreateGroup("", []), "validation_failed name"), (new CreateGroup("  ", []), "validation_failed name"),
            (new CreateGroup(new string('x', 101), []), "validation_failed name"), (new CreateGroup("a\u202Eb", []), "validation_failed name"),
            (new CreateGroup("g", many), "validation_failed member_ids"), (new CreateGroup("g", [Ids.New(scene.Time)]), "validation_failed member_ids"),
            (new CreateGroup("g", [bob.UserId, blocks.UserId]), "forbidden member_ids[1]"), (new CreateGroup("g", [nobody.UserId, bob.UserId]), "forbidden member_ids[0]"),
            (new CreateGroup("g", [], Ids.New(scene.Time)), "validation_failed avatar_media_id"), (new CreateGroup("g", [], await Image(scene, bob)), "validation_failed avatar_media_id"),
            (new CreateGroup("g", [], await Image(scene, ada, type: 2)), "validation_failed avatar_media_id"),
        ])
            Assert.Equal(refusal, Refused(await talks.CreateGroup(ada, request, Ct)));
        Assert.Equal(0, await scene.Count("select count(*) from conversations"));
        Assert.Equal(0, await scene.Count("select count(*) from conversation_members"));
        Assert.Empty(scene.Bus.Published);
        Assert.True((await talks.CreateGroup(ada, new CreateGroup(new string('x', 100), []), Ct)).Ok);
    }

    [Theory, EachDatabase]
    public async Task Admins_change_name_and_picture_and_the_others_hear_of_it(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var (group, picture, other) = (await talks.Group(ada, bob), await Image(scene, ada), await Image(scene, ada));

        var changed = (await talks.Change(ada, new ChangeGroup(group, "Tea", new ChangeAvatar(picture)), Ct)).Value.Conversation;
        Assert.Equal(("Tea", picture), (changed.Name, changed.AvatarMediaId));
        Assert.Equal(changed, (await talks.Change(ada, new ChangeGroup(group, "Tea"), Ct)).Value.Conversation);
        Assert.Equal(other, (await talks.Change(ada, new ChangeGroup(group, Avatar: new ChangeAvatar(other)), Ct)).Value.Conversation.AvatarMediaId);
        Assert.Null((await talks.Change(ada, new ChangeGroup(group, Avatar: new ChangeAvatar(null)), Ct)).Value.Conversation.AvatarMediaId);

        Assert.Equal(["created the group “Group”", "changed the name to “Tea”", "changed the picture", "changed the picture", "took the picture away"], scene.Said(group));
        Assert.Equal(["Tea", "Tea", "Tea"], scene.Bus.Of(group).OfType<ConversationUpdated>().Select(told => told.Conversation.Name));
        Assert.Equal(2, await scene.Count("select count(*) from media where collect_at is not null"));
        await scene.AssertDense(group);
    }

    [Theory, EachDatabase]
    public async Task Members_are_added_promoted_and_removed_by_admins(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, bob, eve) = (await scene.Person(), await scene.Person(), await scene.Person());
        var group = await talks.Group(ada, bob);
        await scene.Post(ada, group, "before");

        Assert.True((await talks.AddMember(ada, group, eve.UserId, MemberRole.Member, Ct)).Ok);
        Assert.True((await talks.AddMember(ada, group, eve.UserId, MemberRole.Admin, Ct)).Ok); // is in already
        Assert.Equal(0, (await talks.Find(eve, group, Ct)).Value.UnreadCount);
        Assert.Contains((await new History(scene.Database).Page(eve, new ReadHistory(group), Ct)).Value.Messages, message => message.Content == "before");
        Assert.True((await talks.ChangeMember(ada, group, bob.UserId, MemberRole.Admin, Ct)).Ok);
        Assert.Equal([MemberRole.Admin, MemberRole.Admin, MemberRole.Member], await talks.Roles(group, eve, ada, bob, eve));
        Assert.True((await talks.ChangeMember(bob, group, ada.UserId, MemberRole.Member, Ct)).Ok);
        Assert.True((await talks.RemoveMember(bob, group, ada.UserId, Ct)).Ok);
        Assert.True((await talks.RemoveMember(bob, group, ada.UserId, Ct)).Ok); // is out already

        Assert.Equal(["created the group “Group”", $"added @user:{eve.UserId}", $"made @user:{bob.UserId} an admin", $"removed @user:{ada.UserId}"], scene.Said(group));
        var removed = scene.Bus.Of(group).OfType<MemberChanged>().Single(told => told.Member.State == MemberState.Removed);
        Assert.Equal((ada.UserId, "Person 1"), (removed.Member.UserId, removed.Member.DisplayName));
        Assert.Equal([new ControlChange.MembershipRevoked(group, ada.UserId, removed.Revision)], scene.Bus.Announced);
        Assert.Equal(Fault.NotFound, (await talks.Find(ada, group, Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await scene.Log.Post(ada, new PostMessage(group, "still here?"), Ct)).Refusal?.Fault);
        await scene.AssertDense(group);

        Assert.True((await talks.AddMember(bob, group, ada.UserId, MemberRole.Admin, Ct)).Ok);
        Assert.Equal($"made @user:{ada.UserId} an admin", scene.Said(group)[^1]);
        Assert.Equal([MemberRole.Admin, MemberRole.Admin, MemberRole.Member], await talks.Roles(group, ada, ada, bob, eve));
    }

    [Theory, EachDatabase]
    public async Task Who_is_no_admin_may_leave_and_nothing_else(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, bob, eve) = (await scene.Person(), await scene.Person(), await scene.Person());
        var group = await talks.Group(ada, bob);
        var before = await scene.Trace();

        foreach (var (who, fault) in ((Caller, Fault)[])[(bob, Fault.Forbidden), (eve, Fault.NotFound)])
        {
            foreach (var refused in (Refusal?[])
            [
                (await talks.Change(who, new ChangeGroup(group, "mine"), Ct)).Refusal, (await talks.AddMember(who, group, eve.UserId, MemberRole.Member, Ct)).Refusal,
                (await talks.ChangeMember(who, group, who.UserId, MemberRole.Admin, Ct)).Refusal, (await talks.RemoveMember(who, group, ada.UserId, Ct)).Refusal,
            ])
                Assert.Equal(fault, refused?.Fault);
        }
        Assert.Equal(Fault.NotFound, (await talks.RemoveMember(eve, group, eve.UserId, Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await talks.Members(eve, group, null, 10, Ct)).Refusal?.Fault);
        Assert.Equal(before, await scene.Trace());

        Assert.True((await talks.RemoveMember(bob, group, bob.UserId, Ct)).Ok);
        Assert.Equal("left", scene.Said(group)[^1]);
        Assert.Empty(await talks.Ids(bob));
    }

    [Theory, EachDatabase]
    public async Task Who_wants_to_be_left_alone_is_not_added(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, blocks, blocked, nobody) = (await scene.Person(), await scene.Person(), await scene.Person(), await scene.Person());
        var group = await talks.Group(ada);
        await scene.Block(blocks, ada);
        await scene.Block(ada, blocked);
        await scene.Access(nobody, 2);

        foreach (var other in (Caller[])[blocks, blocked, nobody])
            Assert.Equal(new Refusal(Fault.Forbidden), (await talks.AddMember(ada, group, other.UserId, MemberRole.Member, Ct)).Refusal);
        Assert.Equal(Fault.NotFound, (await talks.AddMember(ada, group, Ids.New(scene.Time), MemberRole.Member, Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await talks.ChangeMember(ada, group, nobody.UserId, MemberRole.Admin, Ct)).Refusal?.Fault);
        Assert.Equal(1, (await talks.Find(ada, group, Ct)).Value.MemberCount);
    }

    [Theory, EachDatabase]
    public async Task A_full_group_takes_nobody_more(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, bob, eve) = (await scene.Person(), await scene.Person(), await scene.Person());
        var group = await talks.Group(ada);
        await scene.Database.Write(async sql =>
        {
            var id = sql.IsPostgres ? "gen_random_uuid()" : "randomblob(16)";
            await sql.Execute($"""
                with recursive rows (n) as (select 1 union all select n + 1 from rows where n < {GroupRules.MostMembers - 2})
                insert into users (id, username, display_name, role, created_at) select {id}, 'user ' || n, 'User', 0, -1 from rows
                """);
            await sql.Execute("insert into conversation_members (conversation_id, user_id, joined_at) select @group, id, 0 from users where created_at = -1", ("group", group));
        });

        Assert.True((await talks.AddMember(ada, group, bob.UserId, MemberRole.Member, Ct)).Ok);
        Assert.Equal(Fault.TooMany, (await talks.AddMember(ada, group, eve.UserId, MemberRole.Member, Ct)).Refusal?.Fault);
        Assert.True((await talks.RemoveMember(bob, group, bob.UserId, Ct)).Ok);
        Assert.True((await talks.AddMember(ada, group, eve.UserId, MemberRole.Member, Ct)).Ok);
    }

    [Theory, EachDatabase]
    public async Task Last_admin_who_leaves_hands_the_role_to_who_has_been_there_longest(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time);
        var talks = Talks.Over(scene);
        var people = await scene.People(4);
        var (ada, late, early, later) = (people[0], people[1], people[2], people[3]);
        var group = await talks.Group(ada);
        foreach (var person in (Caller[])[early, late, later])
        {
            time.Advance(TimeSpan.FromMinutes(1));
            await talks.AddMember(ada, group, person.UserId, MemberRole.Member, Ct);
        }

        Assert.Equal(Fault.Conflict, (await talks.ChangeMember(ada, group, ada.UserId, MemberRole.Member, Ct)).Refusal?.Fault);
        Assert.True((await talks.RemoveMember(ada, group, ada.UserId, Ct)).Ok);

        Assert.Equal([null, MemberRole.Member, MemberRole.Admin, MemberRole.Member], await talks.Roles(group, early, ada, late, early, later));
        Assert.Equal(["left", $"made @user:{early.UserId} an admin"], scene.Said(group)[^2..]);
        var promoted = scene.Bus.Of(group).OfType<MemberChanged>().Last();
        Assert.Equal((early.UserId, MemberRole.Admin, MemberState.Member), (promoted.Member.UserId, promoted.Member.Role, promoted.Member.State));
        await scene.AssertDense(group);

        // While another admin stays, nobody inherits.
        await talks.ChangeMember(early, group, later.UserId, MemberRole.Admin, Ct);
        await talks.RemoveMember(early, group, early.UserId, Ct);
        Assert.Equal([MemberRole.Member, null, MemberRole.Admin], await talks.Roles(group, later, late, early, later));
    }

    [Theory, EachDatabase]
    public async Task Role_of_the_last_admin_goes_to_somebody_who_can_use_it(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time);
        var talks = Talks.Over(scene);
        var (ada, suspended, eve) = (await scene.Person(), await scene.Person(), await scene.Person());
        var group = await talks.Group(ada);
        foreach (var person in (Caller[])[suspended, eve])
        {
            time.Advance(TimeSpan.FromMinutes(1));
            await talks.AddMember(ada, group, person.UserId, MemberRole.Member, Ct);
        }
        await Suspend(scene, suspended, at: 1);

        await talks.LeaveGroups(ada, Ct); // as when the account is deleted
        Assert.Equal([null, MemberRole.Member, MemberRole.Admin], await talks.Roles(group, eve, ada, suspended, eve));

        // Where nobody else is left, better somebody who may come back than nobody.
        await talks.RemoveMember(eve, group, eve.UserId, Ct);
        Assert.Equal([MemberRole.Admin], await talks.Roles(group, suspended, suspended));
    }

    [Theory, EachDatabase]
    public async Task An_admin_who_is_suspended_counts_for_no_admin(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time);
        var talks = Talks.Over(scene);
        var (ada, suspended, bob, eve) = (await scene.Person(), await scene.Person(), await scene.Person(), await scene.Person());
        var group = await talks.Group(ada);
        foreach (var (person, role) in ((Caller, MemberRole)[])[(suspended, MemberRole.Admin), (bob, MemberRole.Member), (eve, MemberRole.Member)])
        {
            time.Advance(TimeSpan.FromMinutes(1));
            await talks.AddMember(ada, group, person.UserId, role, Ct);
        }
        await Suspend(scene, suspended, at: 1);

        Assert.Equal(Fault.Conflict, (await talks.ChangeMember(ada, group, ada.UserId, MemberRole.Member, Ct)).Refusal?.Fault);
        Assert.True((await talks.RemoveMember(ada, group, ada.UserId, Ct)).Ok);
        Assert.Equal([MemberRole.Admin, MemberRole.Admin, MemberRole.Member], await talks.Roles(group, bob, suspended, bob, eve));
        Assert.Equal(["left", $"made @user:{bob.UserId} an admin"], scene.Said(group)[^2..]);

        // Who comes back is an admin as before, and with that somebody else may go.
        await Suspend(scene, suspended, at: null);
        Assert.True((await talks.ChangeMember(bob, group, bob.UserId, MemberRole.Member, Ct)).Ok);
        Assert.True((await talks.ChangeMember(suspended, group, bob.UserId, MemberRole.Admin, Ct)).Ok);

        // By those who can act the role may be taken from somebody who can't.
        await Suspend(scene, suspended, at: 1);
        Assert.True((await talks.ChangeMember(bob, group, suspended.UserId, MemberRole.Member, Ct)).Ok);
        await scene.AssertDense(group);
    }

    [Theory, EachDatabase]
    public async Task Where_only_suspended_members_stay_an_admin_among_them_remains_the_admin(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time);
        var talks = Talks.Over(scene);
        var (ada, member, admin) = (await scene.Person(), await scene.Person(), await scene.Person());
        var group = await talks.Group(ada);
        foreach (var (person, role) in ((Caller, MemberRole)[])[(member, MemberRole.Member), (admin, MemberRole.Admin)])
        {
            time.Advance(TimeSpan.FromMinutes(1));
            await talks.AddMember(ada, group, person.UserId, role, Ct);
            await Suspend(scene, person, at: 1);
        }

        Assert.True((await talks.RemoveMember(ada, group, ada.UserId, Ct)).Ok);

        Assert.Equal([MemberRole.Member, MemberRole.Admin], await talks.Roles(group, admin, member, admin));
        Assert.Equal("left", scene.Said(group)[^1]);
        await scene.AssertDense(group);
    }

    [Theory, EachDatabase]
    public async Task Who_was_deleted_as_the_server_stopped_leaves_within_the_hour(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var (group, direct) = (await talks.Group(ada, bob), await talks.Direct(ada, bob));
        await scene.Database.Write(sql => sql.Execute("update users set deleted_at = 1 where id = @id", ("id", ada.UserId)));

        await talks.Tidy(Ct);

        Assert.Equal([null, MemberRole.Admin], await talks.Roles(group, bob, ada, bob));
        Assert.Equal([group], scene.Bus.Announced.OfType<ControlChange.MembershipRevoked>().Select(revoked => revoked.ConversationId));
        Assert.Equal(2, (await talks.Find(bob, direct, Ct)).Value.MemberCount);
    }

    [Theory, EachDatabase]
    public async Task Last_one_who_leaves_ends_the_group(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var group = await talks.Group(ada, bob);
        await talks.Change(ada, new ChangeGroup(group, Avatar: new ChangeAvatar(await Image(scene, ada))), Ct);

        await talks.RemoveMember(ada, group, ada.UserId, Ct);
        Assert.True((await talks.RemoveMember(bob, group, bob.UserId, Ct)).Ok);

        Assert.IsType<ConversationRemoved>(scene.Bus.Of(group)[^1]);
        Assert.Equal(new ControlChange.MembershipRevoked(group, bob.UserId, scene.Bus.Of(group)[^1].Revision), scene.Bus.Announced[^1]);
        Assert.Empty(await talks.Ids(bob));
        Assert.Equal(Fault.NotFound, (await talks.Find(bob, group, Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await talks.RemoveMember(bob, group, bob.UserId, Ct)).Refusal?.Fault);
        Assert.Equal([group], (await new Sync(scene.Database, scene.Time).Read(bob, new SyncRequest(new Dictionary<Guid, long> { [group] = 3 }), Ct)).Value.Removed);
        Assert.Equal(1, await scene.Count("select count(*) from media where collect_at = 0"));
    }

    [Theory, EachDatabase]
    public async Task Ended_group_leaves_no_row_behind(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var (gone, kept) = (await talks.Group(ada, bob), await talks.Group(ada, bob));
        foreach (var group in (Guid[])[gone, kept]) Assert.True((await scene.Log.MarkRead(bob, new MoveWatermark(group, 1), Ct)).Ok);
        Assert.Equal(2, await scene.Count("select count(*) from receipt_events"));
        foreach (var person in (Caller[])[ada, bob]) await talks.RemoveMember(person, gone, person.UserId, Ct);

        await new ConversationUpkeep(scene.Database).Run(Ct);

        foreach (var (table, rows) in ((string, int)[])[("conversations", 1), ("conversation_members", 2), ("messages", 1), ("receipt_events", 1)])
            Assert.Equal((table, rows), (table, await scene.Count($"select count(*) from {table}")));
        Assert.Equal([kept], await talks.Ids(bob));
    }

    [Theory, EachDatabase]
    public async Task Who_deletes_their_account_leaves_their_groups_in_good_hands(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var (group, alone, direct) = (await talks.Group(ada, bob), await talks.Group(ada), await talks.Direct(ada, bob));

        await talks.LeaveGroups(ada, Ct);

        Assert.Equal([null, MemberRole.Admin], await talks.Roles(group, bob, ada, bob));
        Assert.IsType<ConversationRemoved>(scene.Bus.Of(alone)[^1]);
        Assert.Equal([direct], await talks.Ids(ada));
    }

    [Theory, EachDatabase]
    public async Task A_device_that_is_too_far_behind_loads_the_group_anew_and_one_of_the_removed_drops_it(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var (ada, bob, eve) = (await scene.Person(), await scene.Person(), await scene.Person());
        var group = await talks.Group(ada, bob, eve);
        await Task.WhenAll(Enumerable.Range(0, ChangesSince.MostRows).Select(_ => scene.Post(ada, group, "x")));
        await talks.RemoveMember(ada, group, eve.UserId, Ct);
        var (sync, behind) = (new Sync(scene.Database, scene.Time), new SyncRequest(new Dictionary<Guid, long> { [group] = 4 }));

        var changed = Assert.Single((await sync.Read(bob, behind, Ct)).Value.Changed);
        var ofEve = (await sync.Read(eve, behind, Ct)).Value;

        Assert.Equal((true, 0, 0, "Group", MemberRole.Member), (changed.Truncated, changed.Messages.Count, changed.Members.Count, changed.Changed?.Name, changed.State.Settings.Role));
        Assert.Equal(((int, int, Guid))(0, 0, group), (ofEve.Changed.Count, ofEve.Added.Count, Assert.Single(ofEve.Removed)));
    }

    [Theory, EachDatabase]
    public async Task Channels_are_none_of_this(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var ada = await scene.Person(Permissions.All);
        foreach (var channel in (Guid[])[await scene.OpenChannel(), await scene.PrivateChannel(ada)])
        {
            Assert.Equal(Fault.NotFound, (await talks.Change(ada, new ChangeGroup(channel, "mine"), Ct)).Refusal?.Fault);
            Assert.Equal(Fault.NotFound, (await talks.RemoveMember(ada, channel, ada.UserId, Ct)).Refusal?.Fault);
            Assert.Equal(Fault.Conflict, (await talks.Hide(ada, channel, Ct)).Refusal?.Fault);
            Assert.True((await talks.Find(ada, channel, Ct)).Ok);
        }
        Assert.Empty(await talks.Ids(ada));
    }

    private static Task<int> Suspend(LogScene scene, Caller person, long? at) => scene.Database.Write(sql => sql.Execute(
        "update users set suspended_at = @at where id = @id", ("at", at), ("id", person.UserId)));

    private static async Task<Guid> Image(LogScene scene, Caller owner, int type = 1)
    {
        var id = Ids.New(scene.Time);
        await scene.Database.Write(sql => sql.Execute(
            "insert into media (id, owner_id, sha256, type, content_type, size, created_at) values (@id, @owner, @hash, @type, 'image/png', 1, 0)",
            ("id", id), ("owner", owner.UserId), ("hash", new byte[32]), ("type", type)));
        return id;
    }

    private static string Refused<T>(Result<T> result) => $"{result.Refusal?.Fault.Code} {result.Refusal?.Field}";
}
