# Who wrote racy's counter last, by which right, and what had to come before?
set pagination off
set confirm off
set width 0
monitor seek end
monitor last-writer counter
python
import re
said = gdb.execute("monitor last-writer counter", to_string=True)
gdb.execute("monitor seek " + re.search(r'monitor seek ([0-9]+)', said).group(1))
end
maintenance flush register-cache
x/i $pc
monitor points
monitor owners counter 3
monitor before
monitor events 2
monitor checkpoints
