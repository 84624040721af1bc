"""The error words of Slack's methods, by what they mean for a message that waits."""

SLOWER = frozenset({'ratelimited', 'rate_limited', 'message_limit_exceeded'})

# The bot itself is refused, as by a 401: nothing of what waits for it is at fault.
SIGN_IN = {
    'not_authed': 'it showed no token',
    'invalid_auth': 'its token is not valid, or not from this network',
    'account_inactive': 'its account was switched off',
    'token_revoked': 'its token was revoked',
    'token_expired': 'its token has run out',
    'missing_scope': 'it lacks the right chat:write',
    'no_permission': 'it may not do this in the workspace',
    'not_allowed_token_type': 'this kind of token may not post',
    'org_login_required': 'the workspace is being moved',
    'ekm_access_denied': 'an administrator has suspended posting',
    'access_denied': 'access was denied',
    'accesslimited': 'access is limited on this network',
    'team_access_not_granted': 'it was not let into this workspace',
    'two_factor_setup_required': 'its account has to set up two-factor sign-in',
}

LATER = {
    'service_unavailable': 'it is not available',
    'request_timeout': 'the request did not arrive whole',
    'team_added_to_org': 'the workspace is being moved',
}

# In Slack's own words some of it may have been done.
MAYBE = frozenset({'fatal_error', 'internal_error'})

REFUSED = {
    'channel_not_found': 'there is no such channel, or the bot cannot see it; enter its id, and invite the bot',
    'not_in_channel': 'the bot is not in the channel; invite it there',
    'is_archived': 'the channel is archived; unarchive it or choose another one',
    'restricted_action': 'an administrator restricts posting to this channel',
    'restricted_action_read_only_channel': 'the channel is read-only',
    'msg_too_long': 'the message is too long',
    'no_text': 'the message is empty',
    'invalid_blocks': 'the layout of the message is not accepted',
    'invalid_blocks_format': 'the layout of the message is not accepted',
    'msg_blocks_too_long': 'the layout of the message is too long',
    'too_many_attachments': 'the message has too many parts',
    'invalid_json': 'the message could not be read',
    'json_not_object': 'the message could not be read',
    'invalid_arguments': 'the message could not be read',
}
