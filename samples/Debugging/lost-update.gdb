# racy's vCPUs increment a counter without a lock. How did an increment get lost?
set pagination off
set confirm off
set width 0

# From the end, where the counter is too low, back to the last write.
monitor seek end
maintenance flush register-cache
printf "counter at the end: %ld\n", *(long *)&counter
watch *(long *)&counter
reverse-continue
set $store = $pc
delete

# Back from write to write, until one leaves the counter no higher than it was.
break *$store
set $is_lost = 0
while !$is_lost && $pc == $store
  set $before = *(long *)&counter
  stepi
  set $after = *(long *)&counter
  set $is_lost = $after <= $before
  reverse-stepi
  if !$is_lost
    reverse-continue
  end
end
delete
set $loser = $_thread
printf "thread %d is about to write %ld over %ld\n", $loser, $after, $before

# What touched the counter before, up to where this thread read it?
awatch *(long *)&counter
reverse-continue
while $_thread != $loser
  if $pc == $store
    printf "thread %d writes it in between\n", $_thread
  end
  reverse-continue
end
printf "thread %d has read %ld\n", $loser, *(long *)&counter
monitor where
